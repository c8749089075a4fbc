// The hub's evenings.

import * as api from "../api.js";
import { notice, plural, tag, title, waiting } from "../parts.js";
import { explain } from "../problems.js";
import { h } from "../render.js";
import { session } from "../session.js";
import { settings } from "../settings.js";
import { dayNumber, dayOf, monthName, spanOf } from "../time.js";

const BEHIND = new Set(["completed", "cancelled", "archived"]);

export function eventsView(context) {
  const view = { title: "Evenings", start, render };
  let events = null;
  let trouble = null;

  async function start() {
    try {
      await session.settle();
      events = await api.all(`/v1/hubs/${encodeURIComponent(settings.hub)}/events`);
      trouble = null;
    } catch (refusal) {
      trouble = explain(refusal);
    }
    context.refresh(view);
  }

  function render() {
    const coming = (events ?? []).filter((event) => !BEHIND.has(event.status));
    const behind = (events ?? []).filter((event) => BEHIND.has(event.status)).reverse();
    return [
      title("Teach Meets"),
      h(
        "p",
        { class: "lead", key: "lead" },
        "Evenings on which teachers teach teachers: a table, a few chairs, a good idea.",
      ),
      notice(trouble, { again: start }),
      !events && !trouble && waiting(),
      events && coming.length === 0 && h("p", { key: "none" }, "Nothing is announced just now."),
      list("coming", "Coming up", coming),
      list("behind", "Over, or called off", behind),
    ];
  }

  return view;
}

function list(key, heading, events) {
  if (events.length === 0) {
    return null;
  }
  return h("section", { key }, h("h2", {}, heading), h("ul", { class: "cards" }, events.map(card)));
}

function card(event) {
  const zone = event.timezone;
  return h(
    "li",
    { class: "card event", key: event.id },
    h(
      "div",
      { class: "leaf", "aria-hidden": "true" },
      h("span", {}, monthName(event.starts_at, zone)),
      h("strong", {}, dayNumber(event.starts_at, zone)),
    ),
    h(
      "div",
      {},
      h("h3", {}, h("a", { href: `#/events/${event.id}`, class: "whole" }, event.name)),
      h("p", {}, `${dayOf(event.starts_at, zone)}, ${spanOf(event, zone)}`),
      event.venue?.name && h("p", { class: "small" }, event.venue.name),
      h("p", {}, stateOf(event)),
    ),
  );
}

// How an evening stands, in a word or two.
export function stateOf(event) {
  if (event.status !== "published") {
    const words = {
      draft: "Draft",
      closed: "Registration closed",
      completed: "Over",
      cancelled: "Called off",
      archived: "Put away",
    };
    return tag(words[event.status] ?? event.status, event.status === "cancelled" ? "bad" : "");
  }
  if (event.places_left > 0) {
    return tag(`${plural(event.places_left, "place")} left`, event.places_left <= 5 ? "few" : "good");
  }
  return event.waitlist_enabled ? tag("Full: join the waitlist", "few") : tag("Full", "bad");
}
