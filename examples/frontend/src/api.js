// Calls of the API: credentials, idempotency keys, ETags, and patience. Whoever calls gets the answer, or a `Refused`.

import { settings } from "./settings.js";

const MOST_TRIES = 3;
const SLOW_MILLISECONDS = 1_500;
const GIVE_UP_MILLISECONDS = 30_000;
const LONGEST_WAIT_SECONDS = 10;
// Nothing was done, or nobody knows whether anything was: the same request may be sent again.
const PASSING = new Set(["unavailable", "rate-limited", "idempotency-in-progress", "offline", "timeout"]);

// A refusal: the problem as the API tells it (RFC 9457), or one of ours in the same form when no answer came.
export class Refused extends Error {
  constructor(problem, { status = 0, retryAfter = null } = {}) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.name =
      String(problem.type ?? "")
        .split("/")
        .pop() || "unexpected";
    this.status = status;
    this.retryAfter = retryAfter;
  }

  get passing() {
    return PASSING.has(this.name);
  }
}

// Tells `wait` {seconds, reason}, `slow`, `done`, and `signed-out`.
export const news = new EventTarget();
const tell = (name, detail) => news.dispatchEvent(new CustomEvent(name, { detail }));

let credential = null;
let faultsLeft = settings.faultTimes;
const keys = new Map();

export function useCredential(secret) {
  credential = secret;
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });
export const put = (path, body, options) => call("PUT", path, { ...options, body });
export const remove = (path, options) => call("DELETE", path, options);

// Answers with {status, body, etag}. `etag` asks for a 304 of a GET, and makes a write conditional; `quietly` is for what
// nobody waits for: it is neither tried again nor shown as work under way.
export async function call(method, path, { body, etag, quietly = false, raw = false, signingIn = false, signal } = {}) {
  const headers = { Accept: raw ? "*/*" : "application/json" };
  if (credential !== null) {
    headers.Authorization = `Bearer ${credential}`;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (etag) {
    headers[method === "GET" ? "If-None-Match" : "If-Match"] = etag;
  }
  const sent = body === undefined ? undefined : JSON.stringify(body);
  // The key stays the same until somebody has answered for certain, also when the reader presses the button again.
  const intent = `${credential} ${method} ${path} ${sent ?? ""}`;
  if (method === "POST") {
    headers["Idempotency-Key"] = keys.get(intent) ?? newKey();
    keys.set(intent, headers["Idempotency-Key"]);
  }
  const request = {
    method,
    headers,
    body: sent,
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  };
  const slow = quietly ? null : setTimeout(() => tell("slow"), SLOW_MILLISECONDS);
  try {
    const answer = await patiently(() => once(path, request, { raw, signal }), quietly);
    keys.delete(intent);
    return answer;
  } catch (refusal) {
    if (!refusal.passing) {
      keys.delete(intent);
    }
    if (refusal.name === "unauthenticated" && credential !== null && !signingIn) {
      tell("signed-out");
    }
    throw refusal;
  } finally {
    clearTimeout(slow);
    if (!quietly) {
      tell("done");
    }
  }
}

// All pages of a list.
export async function all(path) {
  const items = [];
  let cursor = null;
  do {
    const mark = path.includes("?") ? "&" : "?";
    const { body } = await get(`${path}${mark}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}

async function patiently(send, quietly) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (refusal) {
      if (quietly || !refusal.passing || refusal.name === "timeout" || tries === MOST_TRIES) {
        throw refusal;
      }
      const seconds = Math.min(refusal.retryAfter ?? tries, LONGEST_WAIT_SECONDS);
      tell("wait", { seconds, reason: refusal.name });
      await new Promise((resume) => setTimeout(resume, seconds * 1_000));
    }
  }
}

async function once(path, request, { raw, signal }) {
  const limit = AbortSignal.timeout(GIVE_UP_MILLISECONDS);
  let response;
  try {
    response = await fetch(settings.api + path, {
      ...request,
      headers: { ...request.headers, ...fault(request.method, path) },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw new Refused({ type: "aborted", title: "Not wanted any more" });
    }
    throw new Refused(
      error.name === "TimeoutError"
        ? { type: "timeout", title: "No answer in time" }
        : { type: "offline", title: "The service cannot be reached" },
    );
  }
  const etag = response.headers.get("ETag");
  if (response.status === 304 || response.status === 204) {
    return { status: response.status, body: null, etag };
  }
  if (response.ok && raw) {
    return { status: response.status, body: await response.blob(), etag };
  }
  const said = await response.json().catch(() => null);
  if (response.ok && said !== null) {
    return { status: response.status, body: said, etag };
  }
  const retryAfter = Number.parseInt(response.headers.get("Retry-After"), 10);
  throw new Refused(said ?? { type: "unexpected", title: "An answer that makes no sense", status: response.status }, {
    status: response.status,
    retryAfter: Number.isNaN(retryAfter) ? null : retryAfter,
  });
}

function fault(method, path) {
  const meant = settings.faultOn === null || settings.faultOn.includes(method);
  if (settings.fault === null || !meant || faultsLeft <= 0 || path.startsWith("/v1/sandbox/")) {
    return {};
  }
  faultsLeft -= 1;
  return { "X-Sandbox-Fault": settings.fault };
}

// Like `crypto.randomUUID`, which pages that came by plain http do not have.
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
