// The shell: which view the address names, what surrounds it, and what everybody needs of it.

import * as api from "./api.js";
import { say } from "./parts.js";
import { explain } from "./problems.js";
import { h, show } from "./render.js";
import { session } from "./session.js";
import { settings } from "./settings.js";
import { eventView } from "./views/event.js";
import { eventsView } from "./views/events.js";
import { signInView } from "./views/sign-in.js";

const at = (id) => document.getElementById(id);
let current = null;
let why = null;

function narrowPolicy() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `connect-src ${settings.apiOrigin}`;
  document.head.append(policy);
}

// A view is {key, title, start(), stop(), render()}, and `turn(part)` where one view has several addresses.
function viewFor(hash) {
  const link = new URLSearchParams(hash.slice(1)).get("token");
  if (link !== null) {
    history.replaceState(null, "", location.pathname + location.search + "#/sign-in");
    return { key: `link ${link}`, make: () => signInView(context, link, null) };
  }
  const [, name, id, part] = hash.split("/");
  if (name === "events" && id) {
    return { key: `event ${id}`, make: () => eventView(context, decodeURIComponent(id), part), part };
  }
  if (name === "sign-in") {
    return { key: "sign-in", make: () => signInView(context, null, why) };
  }
  return { key: "events", make: () => eventsView(context) };
}

const context = {
  // Shows the view as it is now.
  refresh(view) {
    if (view === undefined || view === current?.view) {
      paint();
    }
  },

  go(hash) {
    if (location.hash === hash) {
      navigate({ anew: true });
    } else {
      location.hash = hash;
    }
  },

  // `reason` is what to tell about having to.
  signIn(reason = null) {
    why = reason;
    if (!location.hash.startsWith("#/sign-in")) {
      session.comeBackTo(location.hash || "#/events");
    }
    context.go("#/sign-in");
  },
};

function paint() {
  if (current?.view) {
    document.title = `${current.view.title} · Teach Meet`;
    show(at("main"), current.view.render());
    paintAccount();
  }
}

function paintAccount() {
  if (!session.signedIn) {
    show(at("account"), h("a", { class: "button quiet", href: "#/sign-in", key: "in" }, "Sign in"));
    return;
  }
  const leave = async () => {
    await session.end();
    say("You are signed out.");
    context.go("#/events");
  };
  show(
    at("account"),
    h("span", { class: "me", key: "me" }, session.me.name),
    h("button", { class: "quiet", type: "button", key: "out", onclick: leave }, "Sign out"),
  );
}

function paintFoot() {
  const about = [h("span", {}, "A sample frontend on the Teach Meet API, "), h("code", {}, settings.api)];
  const fault = settings.fault && h("strong", { class: "fault" }, `Fault on request: ${settings.fault}`);
  show(at("foot"), h("p", {}, ...about), fault);
}

async function navigate({ anew = false } = {}) {
  const wanted = viewFor(location.hash);
  if (current?.key === wanted.key && !anew) {
    current.view.turn?.(wanted.part);
    paint();
    return;
  }
  const first = current === null;
  current?.view?.stop?.();
  current = { key: wanted.key, view: wanted.make() };
  const { view } = current;
  paint();
  if (!first) {
    scrollTo(0, 0);
    at("main").querySelector("h1")?.focus();
  }
  await view.start();
  context.refresh(view);
}

function listenToTheApi() {
  const banner = at("banner");
  const put = (words) => {
    banner.hidden = words === "";
    banner.textContent = words;
  };
  api.news.addEventListener("slow", () => put("This is taking longer than usual…"));
  api.news.addEventListener("wait", ({ detail }) => {
    const why = { offline: "The service cannot be reached", "rate-limited": "That was a lot at once" }[detail.reason];
    put(`${why ?? "The service is very busy"}. Trying again in ${detail.seconds} s…`);
  });
  api.news.addEventListener("done", () => put(""));
  api.news.addEventListener("signed-out", () => {
    session.forget();
    const reason = { ...explain({ name: "unauthenticated", problem: {} }), kind: "gently" };
    say(`${reason.title}. ${reason.text}`);
    context.signIn(reason);
  });
  window.addEventListener("offline", () => put("You are offline."));
  window.addEventListener("online", () => put(""));
}

// A link to a part of the page would look like the address of a view.
document.querySelector(".skip").onclick = (event) => {
  event.preventDefault();
  at("main").focus();
};
narrowPolicy();
listenToTheApi();
paintFoot();
await session.settle().catch(() => null);
window.addEventListener("hashchange", () => navigate());
await navigate();
