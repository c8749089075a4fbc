// Who shows what at which table: to be looked through, and ranked.

import { folded, nameOf, plural, tag } from "../parts.js";
import { h } from "../render.js";
import { spanOf } from "../time.js";

export function programmePart(context, evening) {
  const part = { render };
  const filter = { words: "", subject: "", stage: "" };

  const set = (name) => (event) => {
    filter[name] = event.target.value;
    context.refresh(evening.view);
  };

  const clear = () => {
    Object.assign(filter, { words: "", subject: "", stage: "" });
    context.refresh(evening.view);
  };

  function wanted(presentation) {
    const within = folded(
      [
        presentation.title,
        presentation.summary,
        ...presentation.presenters.flatMap((each) => [nameOf(each), each.school_name]),
      ].join(" "),
    );
    return (
      folded(filter.words)
        .split(/\s+/)
        .every((word) => within.includes(word)) &&
      (filter.subject === "" || presentation.subjects.includes(filter.subject)) &&
      (filter.stage === "" || presentation.key_stages.includes(filter.stage))
    );
  }

  function render() {
    const { presentations } = evening.programme;
    const { event } = evening;
    if (presentations.length === 0) {
      return [h("p", { key: "nothing" }, "The programme is not out yet.")];
    }
    const found = presentations.filter(wanted);
    const filtered = filter.words !== "" || filter.subject !== "" || filter.stage !== "";
    return [
      h(
        "form",
        { class: "filters", role: "search", key: "filters", onsubmit: (submit) => submit.preventDefault() },
        h(
          "label",
          {},
          "Search",
          h("input", { type: "search", value: filter.words, oninput: set("words"), placeholder: "Fractions, Siân, …" }),
        ),
        choice(
          "Subject",
          "subject",
          presentations.flatMap((each) => each.subjects),
        ),
        choice(
          "Key stage",
          "stage",
          presentations.flatMap((each) => each.key_stages),
        ),
        filtered && h("button", { class: "quiet", type: "button", onclick: clear }, "Show all"),
      ),
      h(
        "p",
        { class: "small", role: "status", key: "count" },
        filtered
          ? `${found.length} of ${plural(presentations.length, "presentation")}`
          : plural(presentations.length, "presentation"),
      ),
      h(
        "ul",
        { class: "cards wide", key: "list" },
        found.map((each) => card(each, event)),
      ),
    ];
  }

  function choice(label, name, values) {
    const options = [...new Set(values)].sort((one, other) => one.localeCompare(other, "en-GB"));
    return options.length === 0
      ? null
      : h(
          "label",
          {},
          label,
          h(
            "select",
            { value: filter[name], onchange: set(name) },
            h("option", { value: "" }, "All"),
            options.map((each) => h("option", { value: each }, each)),
          ),
        );
  }

  function card(presentation, event) {
    const wish = evening.wishes?.ranking.indexOf(presentation.id) ?? -1;
    return h(
      "li",
      { class: "card talk", key: presentation.id },
      h("p", { class: "number" }, h("span", { class: "unseen" }, "Table "), String(presentation.table_number)),
      h(
        "div",
        {},
        h("h3", {}, presentation.title),
        h(
          "p",
          { class: "small" },
          presentation.presenters.map((each) => `${nameOf(each)}, ${each.school_name}`).join(" · "),
        ),
        presentation.summary && h("p", {}, presentation.summary),
        h(
          "p",
          { class: "tags" },
          [...presentation.subjects, ...presentation.key_stages].map((each) => tag(each)),
        ),
        event.rounds.length > 0 &&
          h(
            "ul",
            { class: "seats", "aria-label": "Free seats by round" },
            event.rounds.map((round) => seatsIn(round, presentation.table_number, event)),
          ),
        evening.wishes &&
          h(
            "button",
            {
              type: "button",
              class: "wish",
              "aria-pressed": String(wish >= 0),
              onclick: () => evening.wishes.toggle(presentation),
            },
            wish >= 0 ? `Wish ${wish + 1}` : "Add to my wishes",
            h("span", { class: "unseen" }, `: ${presentation.title}`),
          ),
      ),
    );
  }

  function seatsIn(round, table, event) {
    const slot = evening.slot(round.number, table);
    if (!slot) {
      return null;
    }
    const free = slot.seats - slot.seats_taken;
    const words = slot.closed ? "closed" : free > 0 ? `${free} free` : "full";
    const kind = slot.closed || free <= 0 ? "none" : free <= 1 ? "few" : "some";
    return h(
      "li",
      { class: kind, key: `round ${round.number}`, title: spanOf(round, event.timezone) },
      h(
        "span",
        {},
        h("span", { class: "unseen" }, "Round "),
        h("span", { "aria-hidden": "true" }, "R"),
        String(round.number),
      ),
      " ",
      h("strong", {}, words),
    );
  }

  return part;
}
