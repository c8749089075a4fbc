// Signs in with the token of a link. It stands in the fragment, which is sent to no server, and leaves the address bar
// at once. Nothing is sent before somebody clicks: programs that look through mail must not use the link up.
"use strict";

const at = (id) => document.getElementById(id);
let linkToken = new URLSearchParams(location.hash.slice(1)).get("token") || "";
let accessToken = "";
history.replaceState(null, "", location.pathname);

function ask() {
  at("ask").hidden = false;
  at("code-field").hidden = linkToken !== "";
  if (linkToken === "") {
    at("lead").textContent = "Follow the link in your mail, or paste its code here.";
  }
}

function trouble(words) {
  at("trouble").textContent = words;
  at("trouble").hidden = words === "";
}

function wordsFor(status, retryAfter) {
  if (status === 401 || status === 422) {
    return "This link does not work any more. A link is good once, for 15 minutes. Ask for a new one where you asked for this.";
  }
  if (status === 429 || status === 503) {
    return `Too much is going on just now. Please try again in ${retryAfter || "a few"} seconds.`;
  }
  return "Something went wrong on our side. Please try again in a minute.";
}

async function send(method, path, options) {
  try {
    return await fetch(path, { method, cache: "no-store", credentials: "omit", ...options });
  } catch {
    trouble("The service cannot be reached. Are you online? Please try again.");
    return null;
  }
}

function welcome(session) {
  const teacher = session.teacher;
  const until = new Date(session.expires_at).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short" });
  accessToken = session.access_token;
  at("ask").hidden = true;
  at("in").hidden = false;
  at("who").textContent = `You are signed in as ${`${teacher.given_name} ${teacher.family_name}`.trim()}, until ${until}. Each use puts that off, for up to seven days.`;
  at("token").value = accessToken;
  at("who").focus();
}

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = (linkToken || at("code").value).trim();
  if (token === "") {
    trouble("Paste the code from your mail first.");
    at("code").focus();
    return;
  }
  trouble("");
  at("go").disabled = true;
  const answer = await send("POST", "v1/sessions", {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  at("go").disabled = false;
  if (answer === null) {
    return;
  }
  if (answer.status === 201) {
    linkToken = "";
    welcome(await answer.json());
    return;
  }
  if (answer.status === 401 || answer.status === 422) {
    linkToken = "";
    at("code").value = "";
    ask();
  }
  trouble(wordsFor(answer.status, answer.headers.get("Retry-After")));
});

at("copy").addEventListener("click", async () => {
  at("token").select();
  try {
    await navigator.clipboard.writeText(accessToken);
    at("copied").textContent = "Copied.";
  } catch {
    at("copied").textContent = "Press Ctrl+C to copy.";
  }
});

at("out").addEventListener("click", async () => {
  const answer = await send("DELETE", "v1/sessions/current", { headers: { Authorization: `Bearer ${accessToken}` } });
  if (answer === null) {
    return;
  }
  if (answer.status !== 204 && answer.status !== 401) {
    trouble(wordsFor(answer.status, answer.headers.get("Retry-After")));
    return;
  }
  accessToken = "";
  at("token").value = "";
  at("in").hidden = true;
  ask();
  at("lead").textContent = "You are signed out. To sign in again, ask for a new link.";
});

ask();
