// Sends the requests that people put together on the page, and shows what comes back. It asks this service only.
"use strict";

const at = (id) => document.getElementById(id);
const KEPT = { who: "teachmeet-who", own: "teachmeet-own" };
const SHOWN_AT_MOST = 200_000;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

// Who one is.

const who = at("who");
if (who) {
  const kept = sessionStorage.getItem(KEPT.who);
  if (kept !== null && [...who.options].some((option) => option.value === kept)) {
    who.value = kept;
  }
  at("own").value = sessionStorage.getItem(KEPT.own) || "";
  const settle = () => {
    at("own-field").hidden = who.value !== "own";
    sessionStorage.setItem(KEPT.who, who.value);
    sessionStorage.setItem(KEPT.own, at("own").value);
  };
  who.addEventListener("change", settle);
  at("own").addEventListener("input", settle);
  at("who-form").addEventListener("submit", (event) => event.preventDefault());
  settle();
}

function secret() {
  return who.value === "own" ? at("own").value.trim() : who.value;
}

// Putting a request together.

function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  const parts = new FormData();
  let body;
  for (const field of form.elements) {
    const where = field.dataset.where;
    if (where === "path") {
      path = path.replace(`{${field.name}}`, encodeURIComponent(field.value.trim()));
    } else if (where === "form" && field.type === "file" && field.files.length) {
      parts.append(field.name, field.files[0]);
    } else if (where === "body") {
      body = field.value;
      headers["Content-Type"] = field.dataset.type;
    } else if (field.value.trim() === "") {
      continue;
    } else if (where === "query") {
      query.append(field.name, field.value.trim());
    } else if (where === "header") {
      headers[field.name] = field.value.trim();
    } else if (where === "form") {
      parts.append(field.name, field.value);
    }
  }
  if (secret()) {
    headers.Authorization = `Bearer ${secret()}`;
  }
  const isForm = form.querySelector("[data-where=form]") !== null;
  const address = path + (query.size ? `?${query}` : "");
  return { method: form.dataset.method, address, headers, body: isForm ? parts : body };
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function asCurl(request, root) {
  const words = ["curl", "-i"];
  if (request.method !== "GET") {
    words.push("-X", request.method);
  }
  const lines = [`${words.join(" ")} ${quoted(new URL(root + request.address.slice(1), location.href).href)}`];
  for (const [name, value] of Object.entries(request.headers)) {
    lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body instanceof FormData) {
    for (const [name, value] of request.body) {
      lines.push(`-F ${quoted(value instanceof File ? `${name}=@${value.name}` : `${name}=${value}`)}`);
    }
  } else if (request.body !== undefined) {
    lines.push(`-d ${quoted(request.body)}`);
  }
  return lines.join(" \\\n  ");
}

// Showing what came back.

function kindOf(status) {
  return `status s${String(status)[0]}`;
}

function readable(text, type) {
  if (!/json/.test(type)) {
    return text;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function headersOf(answer) {
  return [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
}

function block(label, text) {
  const figure = element("figure", "", { class: "code" });
  const shown = element("pre", text, { tabindex: "0", "aria-label": label });
  figure.append(element("figcaption", label), shown);
  return figure;
}

function problemLink(text, root) {
  try {
    const type = JSON.parse(text).type;
    if (/^\/problems\/[a-z-]+$/.test(type)) {
      return element("a", `What ${type.slice("/problems/".length)} means`, { href: root + type.slice(1) });
    }
  } catch {
    // no JSON, so no problem either
  }
  return null;
}

async function reading(answer, show, until) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return text;
      }
      text = (text + decoder.decode(value, { stream: true })).slice(-SHOWN_AT_MOST);
      show(text);
    }
  } catch (error) {
    if (until.aborted) {
      return text;
    }
    throw error;
  }
}

async function showAnswer(answer, outcome, root, until) {
  const type = answer.headers.get("Content-Type") || "";
  if (/^image\//.test(type)) {
    const drawn = element("img", "", { alt: "The picture that was answered" });
    drawn.src = `data:${type.split(";")[0]};base64,${btoa(String.fromCharCode(...new Uint8Array(await answer.arrayBuffer())))}`;
    outcome.append(drawn);
  } else if (/pdf|octet-stream|zip/.test(type)) {
    const bytes = (await answer.arrayBuffer()).byteLength;
    outcome.append(element("p", `${bytes} bytes of ${type}.`));
  } else {
    const figure = block("Body", "");
    outcome.append(figure);
    const shown = figure.querySelector("pre");
    const text = await reading(answer, (so_far) => (shown.textContent = so_far), until);
    shown.textContent = readable(text, type);
    figure.hidden = text === "";
    const link = /problem/.test(type) ? problemLink(text, root) : null;
    if (link) {
      figure.before(link);
    }
  }
}

async function send(form) {
  const root = form.dataset.root;
  const outcome = form.parentElement.querySelector("[data-outcome]");
  const [go, stop] = [form.querySelector("[type=submit]"), form.querySelector("[data-stop]")];
  const request = requestOf(form);
  const abort = new AbortController();
  const line = element("p", "Sending…", { class: "line", role: "status" });
  outcome.hidden = false;
  outcome.replaceChildren(line, block("The same on the command line", asCurl(request, root)));
  go.disabled = true;
  stop.hidden = false;
  stop.onclick = () => abort.abort();
  const began = performance.now();
  try {
    const { method, headers, body } = request;
    const answer = await fetch(root + request.address.slice(1), {
      method, headers, body, cache: "no-store", credentials: "omit", signal: abort.signal,
    });
    const took = Math.round(performance.now() - began);
    line.replaceChildren(
      element("strong", `${answer.status} ${answer.statusText}`.trim(), { class: kindOf(answer.status) }),
      element("span", `${took} ms`, { class: "about" }),
    );
    outcome.append(block("Header fields", headersOf(answer)));
    await showAnswer(answer, outcome, root, abort.signal);
  } catch (error) {
    line.textContent = abort.signal.aborted ? "Stopped." : `The request could not be sent: ${error.message}`;
  } finally {
    go.disabled = false;
    stop.hidden = true;
  }
}

for (const form of document.querySelectorAll("form[data-method]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

// Finding an operation.

const filter = at("filter");
if (filter) {
  const operations = [...document.querySelectorAll(".operation")];
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const operation of operations) {
      const words = operation.dataset.words.toLowerCase();
      operation.hidden = !wanted.every((word) => words.includes(word));
      found += operation.hidden ? 0 : 1;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = group.querySelector(".operation:not([hidden])") === null;
    }
    at("filter-done").textContent = `${found} ${found === 1 ? "operation" : "operations"}`;
  });
}

function openWhatTheAddressNames() {
  const named = at(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}
addEventListener("hashchange", openWhatTheAddressNames);
openWhatTheAddressNames();

// The sandbox: what is in it, and all as it was.

async function showEvenings(shown) {
  const answer = await fetch(shown.dataset.path, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) {
    return;
  }
  const hub = await answer.json();
  for (const event of hub.events) {
    const row = document.createElement("tr");
    const id = document.createElement("td");
    id.append(element("code", event.id, { class: "key" }));
    row.append(element("th", event.state, { scope: "row" }), element("td", event.name), id);
    shown.querySelector("tbody").append(row);
  }
  shown.hidden = false;
  const open = hub.events.find((event) => event.state === "open") || hub.events[0];
  for (const [name, value] of [["hub_id", hub.hub_slug], ["event_id", open.id]]) {
    for (const field of document.querySelectorAll(`input[name=${name}][data-where=path]`)) {
      field.value ||= value;
    }
  }
}

if (at("evenings")) {
  showEvenings(at("evenings"));
}

const reset = at("reset");
if (reset) {
  reset.addEventListener("click", async () => {
    reset.disabled = true;
    at("reset-done").textContent = "Resetting…";
    try {
      const answer = await fetch(reset.dataset.path, { method: "POST", cache: "no-store", credentials: "omit" });
      at("reset-done").textContent = answer.ok ? "Everything is as it was at the start." : `It answered ${answer.status}.`;
    } catch {
      at("reset-done").textContent = "The service cannot be reached.";
    }
    reset.disabled = false;
  });
}
