// One evening: one's place at it, and a part of it below: programme, itinerary, wishes, people.

import { newEvening } from "../evening.js";
import { notice, title, waiting } from "../parts.js";
import { h } from "../render.js";
import { session } from "../session.js";
import { dayOf, spanOf, zoneNote } from "../time.js";
import { stateOf } from "./events.js";
import { itineraryPart } from "./itinerary.js";
import { peoplePart } from "./people.js";
import { placeCard } from "./place.js";
import { programmePart } from "./programme.js";
import { wishesPart } from "./wishes.js";

const PARTS = {
  programme: ["Programme", programmePart, () => true],
  itinerary: [
    "My itinerary",
    itineraryPart,
    (evening) => evening.registration?.status === "confirmed" && evening.event.rounds.length > 0,
  ],
  wishes: [
    "My wishes",
    wishesPart,
    (evening) => evening.preferences !== null && evening.programme.presentations.length > 0,
  ],
  people: ["People", peoplePart, () => session.registersOthers],
};

export function eventView(context, id, asked) {
  const view = { title: "Evening", start, stop, turn, render };
  const refresh = () => context.refresh(view);
  const evening = newEvening(id, refresh);
  evening.view = view;
  const card = placeCard(context, evening);
  const parts = {};
  let left = false;
  let part = asked ?? "programme";

  // Wishes are ranked from the programme, too.
  parts.wishes = wishesPart(context, evening);

  async function start() {
    if ((await evening.attempt("load", evening.load)) && !left) {
      view.title = evening.event.name;
      evening.begin();
      refresh();
    }
  }

  function stop() {
    left = true;
    evening.stop();
  }

  function turn(name) {
    part = name ?? "programme";
    evening.trouble = null;
  }

  function chosen() {
    const there = PARTS[part]?.[2](evening) ? part : "programme";
    parts[there] ??= PARTS[there][1](context, evening);
    evening.onRounds = () => parts[there].round?.() ?? null;
    evening.reloadPart = () => parts[there].reload?.();
    return there;
  }

  function render() {
    const { event } = evening;
    if (event === null) {
      return [
        title("Evening"),
        notice(evening.trouble, { again: start }),
        evening.trouble ? null : waiting(),
        h("p", {}, h("a", { href: "#/events" }, "All evenings")),
      ];
    }
    const there = chosen();
    return [
      h("p", { class: "back", key: "back" }, h("a", { href: "#/events" }, "All evenings")),
      title(event.name),
      h(
        "div",
        { class: "facts", key: "facts" },
        h("p", {}, `${dayOf(event.starts_at, event.timezone)}, ${spanOf(event, event.timezone)}`),
        event.venue &&
          h("p", {}, [event.venue.name, event.venue.address, event.venue.postcode].filter(Boolean).join(", ")),
        zoneNote(event.timezone) && h("p", { class: "small" }, zoneNote(event.timezone)),
        h("p", {}, stateOf(event), " ", liveness()),
      ),
      notice(evening.trouble, evening.onTrouble),
      card.render(),
      h(
        "nav",
        { class: "tabs", "aria-label": "This evening", key: "tabs" },
        h(
          "ul",
          {},
          Object.keys(PARTS).map((name) => tab(name, there)),
        ),
      ),
      h("section", { class: "part", key: there, "aria-label": PARTS[there][0] }, parts[there].render()),
    ];
  }

  function tab(name, there) {
    const [label, , open] = PARTS[name];
    return open(evening)
      ? h(
          "li",
          { key: name },
          h("a", { href: `#/events/${id}/${name}`, "aria-current": name === there ? "page" : null }, label),
        )
      : null;
  }

  function liveness() {
    const words = {
      live: "Seats are live",
      asking: "Seats are checked every few seconds",
      lost: "Seats may be out of date",
    };
    return h("span", { class: `liveness ${evening.how}` }, words[evening.how]);
  }

  return view;
}
