// Signing in by a link, without a password; in the sandbox also as somebody whom everybody knows.

import * as api from "../api.js";
import { field, nameOf, notice, say, title, toFirstFault, valuesOf } from "../parts.js";
import { explain, faultsByField } from "../problems.js";
import { h } from "../render.js";
import { session } from "../session.js";
import { settings } from "../settings.js";

const isTeacher = (credential) => Number(credential.secret.startsWith("tms_"));
const LINK_WAIT = { tries: 20, milliseconds: 500 };

export function signInView(context, link, why) {
  const view = { title: "Sign in", start, stop, render };
  let trouble = why;
  let faults = new Map();
  let sentTo = null;
  let caught = null;
  let known = [];
  let busy = false;
  let left = false;

  // Whether this is a sandbox is seen by whether it tells its credentials: elsewhere that is a 404.
  async function start() {
    const found = await api.get("/v1/sandbox/credentials", { quietly: true }).catch(() => null);
    // Those first whom this frontend is for.
    known = (found?.body.items ?? []).sort((one, other) => isTeacher(other) - isTeacher(one));
  }

  function stop() {
    left = true;
  }

  async function attempt(action) {
    busy = true;
    trouble = null;
    faults = new Map();
    context.refresh(view);
    try {
      await action();
    } catch (refusal) {
      faults = faultsByField(refusal);
      trouble = refusal.name === "unauthenticated" ? null : explain(refusal);
      if (refusal.name === "unauthenticated") {
        link = null;
        trouble = {
          kind: "badly",
          title: "This link does not work any more.",
          text: "A link is good once, for 15 minutes. Ask for a new one below.",
        };
      }
      toFirstFault();
    } finally {
      busy = false;
      context.refresh(view);
    }
  }

  const ask = (event) => {
    event.preventDefault();
    const body = { email: "", ...valuesOf(event.target) };
    attempt(async () => {
      await api.post(`/v1/hubs/${encodeURIComponent(settings.hub)}/sign-in-links`, body);
      sentTo = body.email;
      say("Look into your mail: if we know the address, a link is on its way.");
      if (known.length > 0) {
        lookForCaught(body.email);
      }
    });
  };

  // A sandbox sends no mail: it keeps the letter, and the link is in it.
  async function lookForCaught(address) {
    caught = null;
    for (let tries = 0; tries < LINK_WAIT.tries && !left && caught === null; tries += 1) {
      await new Promise((resume) => setTimeout(resume, LINK_WAIT.milliseconds));
      const path = `/v1/sandbox/mail?limit=1&to=${encodeURIComponent(address)}`;
      const found = await api.get(path, { quietly: true }).catch(() => null);
      const token = /#token=([\w-]+)/.exec(found?.body.items[0]?.text ?? "");
      caught = token ? token[1] : null;
    }
    context.refresh(view);
  }

  const useLink = (event) => {
    event.preventDefault();
    const stay = new FormData(event.target).has("stay");
    attempt(async () => {
      const { body } = await api.post("/v1/sessions", { token: link }, { signingIn: true });
      await enter(body.access_token, nameOf(body.teacher), stay);
    });
  };

  const be = (credential) => () => attempt(() => enter(credential.secret, `${credential.role} of the sandbox`, false));

  async function enter(token, name, stay) {
    await session.begin(token, { stay });
    say(`You are signed in as ${name}.`);
    context.go(session.whereTo());
  }

  function render() {
    return [
      title("Sign in"),
      notice(trouble),
      link === null
        ? asking()
        : h(
            "form",
            { class: "card", key: "link", onsubmit: useLink },
            h("p", {}, "Your link is here. It works once."),
            h(
              "p",
              {},
              h(
                "label",
                { class: "check" },
                h("input", { type: "checkbox", name: "stay" }),
                "Stay signed in on this device (only if it is your own)",
              ),
            ),
            h("button", { class: "main", "aria-disabled": busy ? "true" : null }, busy ? "Signing in…" : "Sign in"),
          ),
      sentTo && link === null ? sent() : null,
      known.length > 0 ? people() : null,
    ];
  }

  function asking() {
    return h(
      "form",
      { class: "card", novalidate: true, key: "ask", onsubmit: ask },
      h("p", {}, "No password needed: we send you a link that signs you in."),
      field({
        label: "Your e-mail address at school",
        pointer: "/email",
        faults,
        type: "email",
        autocomplete: "email",
        inputmode: "email",
        spellcheck: "false",
      }),
      h("button", { class: "main", "aria-disabled": busy ? "true" : null }, busy ? "Sending…" : "Send me a link"),
    );
  }

  function sent() {
    return h(
      "section",
      { class: "card", key: "sent" },
      h("h2", {}, "Look into your mail"),
      h(
        "p",
        {},
        `If a teacher of this hub has the address ${sentTo}, a link is on its way. It works once, for 15 minutes.`,
      ),
      known.length > 0 && h("p", { class: "small" }, "This is a sandbox: nothing is sent, and the link appears here."),
      caught && h("p", {}, h("a", { class: "button main", href: `#token=${caught}` }, "Open the link from the mail")),
    );
  }

  function people() {
    return h(
      "section",
      { key: "known" },
      h("h2", {}, "People of the sandbox"),
      h("p", { class: "small" }, "Everybody knows them, and they exist in this sandbox only."),
      h(
        "ul",
        { class: "cards known" },
        known.map((credential) =>
          h(
            "li",
            { class: "card", key: credential.role },
            h("h3", {}, credential.role),
            h("p", { class: "small" }, credential.may),
            h("button", { type: "button", onclick: be(credential) }, `Sign in as ${credential.role}`),
          ),
        ),
      ),
    );
  }

  return view;
}
