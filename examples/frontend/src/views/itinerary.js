// One's evening, round by round: the seats that one holds, and those that could be had.

import * as api from "../api.js";
import { plural, say } from "../parts.js";
import { h } from "../render.js";
import { session } from "../session.js";
import { spanOf } from "../time.js";

export function itineraryPart(context, evening) {
  const part = { render, round };
  let chosen = null;
  let onlyFree = false;
  const changeable = () => ["published", "closed"].includes(evening.event.status);

  function round() {
    return (
      chosen ??
      evening.event.rounds.find((each) => evening.heldIn(each.number) === null)?.number ??
      evening.event.rounds[0].number
    );
  }

  const choose = (number) => () => {
    chosen = number;
    context.refresh(evening.view);
    document.getElementById("choose")?.focus();
  };

  const take = (number, table) => () => {
    chosen = number;
    const held = evening.heldIn(number);
    const what = { round: number, table, held };
    evening.attempt(
      `take ${table}`,
      async () => {
        const answer = await api.put(`/v1/registrations/${evening.registration.id}/itinerary/${number}`, {
          table_number: table,
        });
        evening.itinerary = answer.body;
        say(
          held === null
            ? `You have a seat at table ${table} in round ${number}.`
            : `You have moved from table ${held} to table ${table} in round ${number}.`,
        );
      },
      what,
    );
  };

  const leave = (number, table) => () =>
    evening.attempt(`leave ${number}`, async () => {
      const answer = await api.remove(`/v1/registrations/${evening.registration.id}/itinerary/${number}`);
      evening.itinerary = answer.body;
      say(`You have left table ${table} in round ${number}.`);
    });

  function render() {
    const { event, itinerary } = evening;
    if (itinerary === null) {
      return [];
    }
    const number = round();
    const current = event.rounds.find((each) => each.number === number);
    return [
      h(
        "ol",
        { class: "rounds", key: "rounds" },
        event.rounds.map((each) => line(each, number)),
      ),
      changeable() &&
        h(
          "section",
          { key: "tables", "aria-labelledby": "choose" },
          h(
            "h2",
            { id: "choose", tabindex: "-1", "data-refuge": true },
            `Round ${number}, ${spanOf(current, event.timezone)}: the tables`,
          ),
          h(
            "p",
            {},
            h(
              "label",
              { class: "check" },
              h("input", {
                type: "checkbox",
                onchange: (change) => {
                  onlyFree = change.target.checked;
                  context.refresh(evening.view);
                },
              }),
              "Only tables with a free seat",
            ),
          ),
          h(
            "ul",
            { class: "tables" },
            tables(number).map((slot) => row(slot, number)),
          ),
        ),
    ];
  }

  function tables(number) {
    const slots = evening.market?.rounds.find((each) => each.number === number)?.tables ?? [];
    return slots.filter(
      (slot) =>
        slot.presentation_id !== null &&
        (!onlyFree || slot.seats > slot.seats_taken || evening.heldIn(number) === slot.table_number),
    );
  }

  function line(each, number) {
    const booking = evening.itinerary.bookings.find((one) => one.round === each.number);
    const own = evening.programme.presentations.find(isMine);
    return h(
      "li",
      { class: each.number === number && changeable() ? "chosen" : "", key: `round ${each.number}` },
      h("p", { class: "when" }, h("strong", {}, `Round ${each.number}`), " ", spanOf(each, evening.event.timezone)),
      booking
        ? h(
            "p",
            { class: "what" },
            h("strong", {}, `Table ${booking.table_number}`),
            " ",
            booking.presentation?.title ?? "",
          )
        : h(
            "p",
            { class: "what none" },
            own && !own.closed_rounds.includes(each.number) ? `At your own table, ${own.table_number}` : "No table yet",
          ),
      changeable() &&
        h(
          "div",
          { class: "row" },
          h(
            "button",
            { type: "button", "aria-pressed": String(each.number === number), onclick: choose(each.number) },
            booking ? "Change" : "Choose",
            h("span", { class: "unseen" }, ` the table of round ${each.number}`),
          ),
          booking &&
            h(
              "button",
              { type: "button", class: "quiet", onclick: leave(each.number, booking.table_number) },
              "Leave",
              h("span", { class: "unseen" }, ` table ${booking.table_number} in round ${each.number}`),
            ),
        ),
    );
  }

  const isMine = (presentation) => presentation.presenters.some((each) => each.teacher_id === session.me?.teacher_id);

  function row(slot, number) {
    const free = Math.max(slot.seats - slot.seats_taken, 0);
    const held = evening.heldIn(number) === slot.table_number;
    return h(
      "li",
      { class: held ? "mine" : "", key: `table ${slot.table_number}` },
      h("p", { class: "number" }, h("span", { class: "unseen" }, "Table "), String(slot.table_number)),
      h(
        "div",
        { class: "grow" },
        h("h3", {}, slot.title),
        h(
          "p",
          { class: "free" },
          h("meter", {
            min: "0",
            max: String(slot.seats),
            value: String(slot.seats_taken),
            "aria-label": "Seats taken",
            class: free === 0 ? "none" : free === 1 ? "few" : "some",
          }),
          h(
            "span",
            { class: "figure" },
            slot.closed
              ? "closed"
              : free > 0
                ? `${free} of ${plural(slot.seats, "seat")} free`
                : `all ${slot.seats} seats taken`,
          ),
        ),
      ),
      offer(slot, number, free, held),
    );
  }

  function offer(slot, number, free, held) {
    const elsewhere = evening.itinerary.bookings.find(
      (each) => each.table_number === slot.table_number && each.round !== number,
    );
    const words = held
      ? "Your seat"
      : slot.closed
        ? "Closed"
        : elsewhere
          ? `You are here in round ${elsewhere.round}`
          : free === 0
            ? "Full"
            : null;
    if (words !== null) {
      return h("p", { class: held ? "state yours" : "state" }, words);
    }
    const busy = evening.busy === `take ${slot.table_number}`;
    const verb = evening.heldIn(number) === null ? "Sit here" : "Move here";
    return h(
      "button",
      {
        type: "button",
        "aria-disabled": evening.busy === null ? null : "true",
        onclick: take(number, slot.table_number),
      },
      busy ? "One moment…" : verb,
      h("span", { class: "unseen" }, `: table ${slot.table_number}, ${slot.title}`),
    );
  }

  return part;
}
