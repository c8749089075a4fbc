// What config.js says, and what the address adds to it.

import config from "../config.js";

const asked = new URLSearchParams(location.search);
const AT_HOME = ["127.0.0.1", "localhost", "[::1]"];

function apiBase() {
  const wanted = asked.get("api");
  if (wanted === null) {
    return config.api;
  }
  const known = [config.api, ...config.apis].includes(wanted);
  return known || AT_HOME.includes(location.hostname) ? wanted : config.api;
}

// The path, too, is kept: a proxy may have put the API under one.
const base = new URL(apiBase(), location.href);

export const settings = {
  api: `${base.origin}${base.pathname.replace(/\/+$/, "")}`,
  apiOrigin: base.origin,
  hub: asked.get("hub") ?? config.hub,
  pollSeconds: config.pollSeconds,
  // For testers, in a sandbox: `?fault=unavailable`, or only on some methods, or only so many times:
  // `?fault=unavailable&fault-on=POST,PUT&fault-times=1`.
  fault: asked.get("fault"),
  faultOn: asked.get("fault-on")?.toUpperCase().split(",") ?? null,
  faultTimes: Number(asked.get("fault-times") ?? Infinity),
};
