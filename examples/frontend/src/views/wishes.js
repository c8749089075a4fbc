// Ranked wishes, for evenings on which the organiser works out who sits where.

import * as api from "../api.js";
import { plural, say } from "../parts.js";
import { h } from "../render.js";

export function wishesPart(context, evening) {
  const wishes = { ranking: [], toggle };
  const part = { render };
  let saved = [];
  let etag = null;

  evening.onRanking = (answer) => {
    evening.wishes = answer === null ? null : wishes;
    wishes.ranking = [...(answer?.body.presentation_ids ?? [])];
    saved = [...wishes.ranking];
    etag = answer?.etag ?? null;
  };

  const unsaved = () => wishes.ranking.join() !== saved.join();

  function toggle(presentation) {
    const place = wishes.ranking.indexOf(presentation.id);
    if (place >= 0) {
      wishes.ranking.splice(place, 1);
      say(`Taken from your wishes: ${presentation.title}`);
    } else {
      wishes.ranking.push(presentation.id);
      say(`Wish ${wishes.ranking.length}: ${presentation.title}. Save them under My wishes.`);
    }
    context.refresh(evening.view);
  }

  function move(place, by) {
    const there = place + by;
    if (there < 0 || there >= wishes.ranking.length) {
      say("That is the end of the list.");
      return;
    }
    const [id] = wishes.ranking.splice(place, 1);
    wishes.ranking.splice(there, 0, id);
    say(`${titleOf(id)}: wish ${there + 1} of ${wishes.ranking.length}.`);
    context.refresh(evening.view);
  }

  const byKey = (place) => (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey && by) {
      event.preventDefault();
      move(place, by);
    }
  };

  const titleOf = (id) =>
    evening.programme.presentations.find((each) => each.id === id)?.title ?? "No longer in the programme";

  const save = () =>
    evening.attempt("save", async () => {
      const body = { presentation_ids: wishes.ranking };
      evening.onRanking(await api.put(`/v1/registrations/${evening.registration.id}/preferences`, body, { etag }));
      say("Your wishes are saved.");
    });

  function render() {
    const rest = evening.programme.presentations.filter((each) => !wishes.ranking.includes(each.id));
    return [
      h("p", { key: "how" }, "Put first what you would like best. Alt with the arrow keys moves a wish, too."),
      wishes.ranking.length === 0 &&
        h("p", { key: "none" }, h("strong", {}, "No wishes yet. "), "Add some from the list below."),
      h("ol", { class: "wishes", key: "ranking" }, wishes.ranking.map(wish)),
      h(
        "div",
        { class: "row save", key: "save" },
        h(
          "button",
          {
            type: "button",
            class: "main",
            onclick: save,
            "aria-disabled": unsaved() ? null : "true",
            "data-refuge": true,
          },
          evening.busy === "save" ? "Saving…" : "Save my wishes",
        ),
        h(
          "span",
          { class: "small" },
          unsaved()
            ? "Not saved yet"
            : wishes.ranking.length > 0
              ? `${plural(saved.length, "wish", "wishes")} saved`
              : "",
        ),
      ),
      rest.length > 0 &&
        h("section", { key: "rest" }, h("h2", {}, "To choose from"), h("ul", { class: "rest" }, rest.map(one))),
    ];
  }

  function wish(id, place) {
    const name = titleOf(id);
    const button = (label, spoken, onclick, off = false) =>
      h(
        "button",
        { type: "button", class: "small", "aria-disabled": off ? "true" : null, onclick },
        h("span", { "aria-hidden": "true" }, label),
        h("span", { class: "unseen" }, `${spoken}: ${name}`),
      );
    return h(
      "li",
      { key: id, onkeydown: byKey(place) },
      h("span", { class: "rank" }, String(place + 1)),
      h("span", { class: "grow" }, name),
      h(
        "span",
        { class: "row" },
        button("↑", "Up", () => move(place, -1), place === 0),
        button("↓", "Down", () => move(place, 1), place === wishes.ranking.length - 1),
        button("×", "Remove", () => toggle({ id, title: name })),
      ),
    );
  }

  function one(presentation) {
    return h(
      "li",
      { key: presentation.id },
      h("span", { class: "grow" }, presentation.title),
      h(
        "button",
        { type: "button", onclick: () => toggle(presentation) },
        "Add",
        h("span", { class: "unseen" }, ` ${presentation.title}`),
      ),
    );
  }

  return part;
}
