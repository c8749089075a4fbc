// For those who register others: who comes, somebody more, somebody less.

import * as api from "../api.js";
import { confirmed, field, nameOf, plural, say, tag, toFirstFault, valuesOf } from "../parts.js";
import { h } from "../render.js";
import { session } from "../session.js";

const PATIENCE_MILLISECONDS = 250;

export function peoplePart(context, evening) {
  const part = { render, reload: load };
  let people = null;
  let next = null;
  let schools = null;
  let words = "";
  let status = "";
  let typing = null;
  let asked = 0;
  let forms = 0;

  async function load() {
    if (schools === null) {
      schools = await api.all(`/v1/hubs/${session.me.hub_id ?? evening.event.hub_id}/schools`);
    }
    await more(null);
  }

  async function more(cursor) {
    const turn = (asked += 1);
    const query = new URLSearchParams({ limit: "50" });
    Object.entries({ q: words.trim(), status, cursor }).forEach(([name, value]) => value && query.set(name, value));
    const { body } = await api.get(`/v1/events/${evening.id}/registrations?${query}`);
    if (turn === asked) {
      people = cursor === null ? body.items : [...people, ...body.items];
      next = body.next_cursor;
      context.refresh(evening.view);
    }
  }

  const look = () => {
    clearTimeout(typing);
    typing = setTimeout(() => evening.attempt("look", () => more(null)), PATIENCE_MILLISECONDS);
  };

  const register = async (submit) => {
    submit.preventDefault();
    const { teacher = {}, ...needs } = valuesOf(submit.target);
    await evening.attempt("register", async () => {
      const { body } = await api.post(`/v1/events/${evening.id}/registrations`, {
        teacher: { given_name: "", email: "", ...teacher },
        ...needs,
      });
      forms += 1;
      evening.trouble = {
        kind: "well",
        title: `${nameOf(body.teacher)} is registered.`,
        text:
          body.status === "confirmed" ? "The place is confirmed." : `Number ${body.waitlist_position} on the waitlist.`,
      };
      say(`${evening.trouble.title} ${evening.trouble.text}`);
      await more(null);
    });
    toFirstFault();
  };

  const cancel = (registration) => async () => {
    const name = nameOf(registration.teacher);
    const sure = await confirmed({
      title: `Cancel the registration of ${name}?`,
      text: "The place goes to whoever waits longest, at once.",
      yes: "Cancel it",
    });
    if (sure) {
      await evening.attempt("cancel", async () => {
        await api.post(`/v1/registrations/${registration.id}/cancel`);
        say(`The registration of ${name} is cancelled.`);
        await more(null);
      });
    }
  };

  function render() {
    if (people === null && evening.busy === null && evening.trouble === null) {
      setTimeout(() => evening.attempt("people", load));
    }
    const schoolName = (id) => schools?.find((each) => each.id === id)?.name ?? "";
    return [
      evening.event.status === "published" && schools && form(),
      h(
        "form",
        { class: "filters", role: "search", key: "filters", onsubmit: (submit) => submit.preventDefault() },
        h(
          "label",
          {},
          "Name",
          h("input", {
            type: "search",
            oninput: (input) => {
              words = input.target.value;
              look();
            },
          }),
        ),
        h(
          "label",
          {},
          "Status",
          h(
            "select",
            {
              onchange: (change) => {
                status = change.target.value;
                look();
              },
            },
            [
              ["", "All"],
              ["confirmed", "Confirmed"],
              ["waitlisted", "On the waitlist"],
              ["cancelled", "Cancelled"],
            ].map(([value, label]) => h("option", { value }, label)),
          ),
        ),
      ),
      people &&
        h(
          "p",
          { class: "small", role: "status", key: "count" },
          next ? `The first ${people.length}` : plural(people.length, "registration"),
        ),
      people &&
        h(
          "ul",
          { class: "people", key: "people", "data-refuge": true, tabindex: "-1" },
          people.map((each) => person(each, schoolName)),
        ),
      next &&
        h(
          "button",
          { type: "button", key: "more", onclick: () => evening.attempt("more", () => more(next)) },
          "Show more",
        ),
    ];
  }

  function person(registration, schoolName) {
    const { teacher, status: state, role } = registration;
    const kinds = { confirmed: "good", waitlisted: "few", cancelled: "bad" };
    const label = state === "waitlisted" ? `Number ${registration.waitlist_position} on the waitlist` : state;
    return h(
      "li",
      { key: registration.id },
      h(
        "span",
        { class: "grow" },
        h("strong", {}, nameOf(teacher)),
        h("span", { class: "small" }, ` ${schoolName(teacher.school_id)}`),
      ),
      role === "presenter" && tag("presents"),
      tag(label, kinds[state]),
      state !== "cancelled" &&
        role === "attendee" &&
        h(
          "button",
          { type: "button", class: "quiet", onclick: cancel(registration) },
          "Cancel",
          h("span", { class: "unseen" }, ` the registration of ${nameOf(teacher)}`),
        ),
    );
  }

  function form() {
    const { faults } = evening;
    const busy = evening.busy === "register";
    return h(
      "form",
      {
        class: "card colleague",
        novalidate: true,
        key: `form ${forms}`,
        onsubmit: register,
        "aria-labelledby": "colleague",
      },
      h("h2", { id: "colleague" }, "Register a colleague"),
      h(
        "div",
        { class: "grid" },
        field({ label: "First name", pointer: "/teacher/given_name", faults, autocomplete: "off" }),
        field({ label: "Family name", pointer: "/teacher/family_name", faults, autocomplete: "off" }),
        field({ label: "E-mail address", pointer: "/teacher/email", faults, type: "email", autocomplete: "off" }),
        field({
          label: "School",
          pointer: "/teacher/school_id",
          faults,
          input: "select",
          options: [["", "Choose…"], ...schools.map((each) => [each.id, each.name])],
        }),
        field({ label: "What they do not eat", pointer: "/dietary_requirements", faults }),
        field({ label: "Getting in and about", pointer: "/access_requirements", faults }),
      ),
      h("button", { class: "main", "aria-disabled": busy ? "true" : null }, busy ? "One moment…" : "Register"),
    );
  }

  return part;
}
