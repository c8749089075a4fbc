// Parts that several views have.

import { h } from "./render.js";

const told = () => document.getElementById("told");
let silence = null;

// Says something to those who do not see it happen.
export function say(words) {
  clearTimeout(silence);
  told().textContent = words;
  silence = setTimeout(() => (told().textContent = ""), 8_000);
}

// What went wrong, or well: {title, text, kind, again, reload, placed, more, reference}. `again` and `reload` are what
// the buttons do. It stays in sight, but where the trouble is marked on fields: it must not cover them.
export function notice(what, { again = null, reload = null, close = null } = {}) {
  if (!what) {
    return null;
  }
  const kind = what.kind ?? "badly";
  return h(
    "div",
    {
      class: `notice ${kind} ${what.placed ? "placed" : ""}`,
      role: kind === "badly" ? "alert" : "status",
      key: `notice ${what.title}`,
    },
    h("p", {}, h("strong", {}, what.title), " ", what.text),
    h(
      "div",
      { class: "row" },
      what.again && again && h("button", { type: "button", onclick: again }, "Try again"),
      what.reload && reload && h("button", { type: "button", onclick: reload }, "Show how it is now"),
      close && h("button", { type: "button", onclick: close }, "Close"),
      what.more && forDevelopers(what),
    ),
  );
}

function forDevelopers({ more, reference }) {
  return h(
    "details",
    { class: "small" },
    h("summary", {}, "For developers"),
    h("p", {}, h("a", { href: more, target: "_blank", rel: "noopener" }, "What this problem means")),
    reference && h("p", {}, "Request ", h("code", {}, reference)),
  );
}

// A field of a form. `faults` has what is wrong, by the name of the field: a JSON pointer into what is sent.
export function field({ label, pointer, faults, hint = null, input = "input", options = null, ...attributes }) {
  const id = `field${pointer.replaceAll("/", "-")}`;
  const fault = faults.get(pointer);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || null;
  return h(
    "div",
    { class: fault ? "field wrong" : "field", key: id },
    h("label", { for: id }, label),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    h(
      input,
      { id, name: pointer, "aria-describedby": described, "aria-invalid": fault ? "true" : null, ...attributes },
      options && options.map(([value, text]) => h("option", { value, key: `option ${value}` }, text)),
    ),
    fault ? h("p", { class: "fault", id: `${id}-fault`, key: "fault" }, sentence(fault)) : null,
  );
}

// To the first field that is wrong, once it is shown so.
export function toFirstFault() {
  requestAnimationFrame(() => {
    const first = document.querySelector("[aria-invalid=true]");
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "center" });
  });
}

// What a form holds, as the body to send: fields are named by where their value belongs; what is empty is left out.
export function valuesOf(form) {
  const body = {};
  for (const [pointer, value] of new FormData(form)) {
    const steps = pointer.split("/").slice(1);
    if (value.trim() !== "") {
      const last = steps.pop();
      steps.reduce((place, step) => (place[step] ??= {}), body)[last] = value;
    }
  }
  return body;
}

// Asks before something is given up. Answers with whether to go on.
export function confirmed({ title, text, yes, no = "Keep it" }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { "aria-labelledby": "dialog-title" },
      h("h2", { id: "dialog-title" }, title),
      h("p", {}, text),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", onclick: () => dialog.close("no") }, no),
        h("button", { type: "button", class: "danger", onclick: () => dialog.close("yes") }, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const title = (words) => h("h1", { tabindex: "-1", "data-refuge": true }, words);
export const tag = (words, kind = "") => h("span", { class: `tag ${kind}` }, words);
export const waiting = (words = "One moment…") => h("p", { class: "waiting" }, words);

export const nameOf = (person) => `${person.given_name} ${person.family_name}`.trim();

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

// "Siân" is found by "sian".
export const folded = (words) => words.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

// What the API tells as "must be …", as a sentence beside the field.
const sentence = (words) => words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".");
