// One's own place at an evening: to ask for it, to wait for it, to give it up.

import * as api from "../api.js";
import { confirmed, field, plural, say, toFirstFault, valuesOf } from "../parts.js";
import { h } from "../render.js";
import { session } from "../session.js";
import { momentOf } from "../time.js";

export function placeCard(context, evening) {
  const register = async (submit) => {
    submit.preventDefault();
    const body = valuesOf(submit.target);
    await evening.attempt("register", async () => {
      const answer = await api.post(`/v1/events/${evening.id}/registrations`, body);
      await evening.registered(answer.body);
      say(
        answer.body.status === "confirmed"
          ? "You have a place."
          : `You are number ${answer.body.waitlist_position} on the waitlist.`,
      );
    });
    toFirstFault();
  };

  const cancel = async () => {
    const { registration } = evening;
    const waits = registration.status === "waitlisted";
    const sure = await confirmed({
      title: waits ? "Leave the waitlist?" : "Give up your place?",
      text: waits
        ? "If you change your mind, you begin at its end again."
        : "Somebody on the waitlist gets it at once, and your seats at the tables are free for others.",
      yes: waits ? "Leave the waitlist" : "Give up my place",
    });
    if (sure) {
      await evening.attempt("cancel", async () => {
        const answer = await api.post(`/v1/registrations/${registration.id}/cancel`);
        await evening.registered(answer.body);
        say("Cancelled. Thank you for telling.");
      });
    }
  };

  const calendar = () =>
    evening.attempt("calendar", async () => {
      const answer = await api.get(`/v1/registrations/${evening.registration.id}/itinerary.ics`, { raw: true });
      const address = URL.createObjectURL(answer.body);
      h("a", { href: address, download: "teach-meet.ics" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    });

  function render() {
    const { registration } = evening;
    const inside =
      registration && registration.status !== "cancelled"
        ? mine(registration)
        : session.signedIn
          ? form()
          : invitation();
    return (
      inside &&
      h(
        "section",
        { class: `place card ${registration?.status ?? ""}`, key: "place", "aria-labelledby": "place-title" },
        inside,
      )
    );
  }

  const heading = (words) => h("h2", { id: "place-title" }, words);

  function mine(registration) {
    const waits = registration.status === "waitlisted";
    const over = !["published", "closed", "draft"].includes(evening.event.status);
    const presents = registration.role === "presenter";
    return [
      heading(waits ? "You are on the waitlist" : presents ? "You present here" : "You have a place"),
      waits
        ? h(
            "p",
            {},
            h("strong", { class: "big" }, `Number ${registration.waitlist_position}`),
            " Your turn comes by itself: keep this page open, or look in again later.",
          )
        : registration.check_in_code &&
          h("p", {}, "Your code for the door: ", h("strong", { class: "code" }, registration.check_in_code)),
      needs(registration),
      h(
        "div",
        { class: "row" },
        !waits && h("button", { type: "button", onclick: calendar }, "Add to my calendar"),
        !over &&
          !presents &&
          h(
            "button",
            { type: "button", class: "quiet", onclick: cancel },
            waits ? "Leave the waitlist" : "Give up my place",
          ),
      ),
    ];
  }

  function needs(registration) {
    const told = [registration.dietary_requirements, registration.access_requirements].filter(Boolean);
    return told.length === 0 ? null : h("p", { class: "small" }, `You told us: ${told.join("; ")}`);
  }

  function invitation() {
    if (evening.event.status !== "published") {
      return null;
    }
    return [
      heading(
        evening.event.places_left > 0 ? `${plural(evening.event.places_left, "place")} left` : "Every place is taken",
      ),
      h("p", {}, evening.event.places_left > 0 ? "Sign in to take one." : "Sign in to join the waitlist."),
      h("button", { type: "button", class: "main", onclick: () => context.signIn() }, "Sign in to register"),
    ];
  }

  function form() {
    const { event, faults } = evening;
    if (session.me.teacher_id === null || event.status !== "published") {
      return null;
    }
    const full = event.places_left <= 0;
    const busy = evening.busy === "register";
    if (full && !event.waitlist_enabled) {
      return [heading("Every place is taken"), h("p", {}, "This evening keeps no waitlist.")];
    }
    return [
      heading(full ? "Every place is taken" : "Come along"),
      full && h("p", {}, "Join the waitlist: when somebody cannot come, the next one has the place at once."),
      event.registration_closes_at &&
        h("p", { class: "small" }, `Registration ends on ${momentOf(event.registration_closes_at, event.timezone)}.`),
      h(
        "form",
        { novalidate: true, onsubmit: register },
        h(
          "details",
          { open: faults.size > 0 },
          h("summary", {}, "Is there anything that you need?"),
          field({
            label: "What you do not eat",
            pointer: "/dietary_requirements",
            faults,
            hint: "For the nibbles: vegetarian, halal, no nuts, …",
          }),
          field({
            label: "Getting in and about",
            pointer: "/access_requirements",
            faults,
            input: "textarea",
            rows: "2",
            hint: "A ramp, a seat near the front, a quiet corner, …",
          }),
        ),
        h(
          "button",
          { class: "main", "aria-disabled": busy ? "true" : null },
          busy ? "One moment…" : full ? "Join the waitlist" : "Register",
        ),
      ),
    ];
  }

  return { render };
}
