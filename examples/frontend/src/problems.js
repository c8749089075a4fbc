// What to tell people about a refusal, by the problem's type: every type is explained at `/problems/{name}` of the API.
// The words are this page's, never the API's `detail`: that is for developers.

import { settings } from "./settings.js";

const seats = (problem) => (problem.capacity === undefined ? "" : ` (${problem.taken} of ${problem.capacity} seats)`);

// `context` says what was tried: {round, table, held}. `again` offers to try once more, `reload` to look at how it is now.
const WORDS = {
  "table-full": (problem, { round, table, held }) => ({
    title: "Somebody was quicker",
    text: `Table ${table} is full in round ${round} now${seats(problem)}. ${stillHeld(held)}`,
    kind: "gently",
  }),
  "table-already-visited": (problem, { table, held }) => ({
    title: "You have been there",
    text: `You are at table ${table} in round ${problem.round} already, and everybody visits a table once. ${stillHeld(held)}`,
    kind: "gently",
  }),
  "table-closed": (_, { round, table, held }) => ({
    title: "That table is closed",
    text: `Nobody presents at table ${table} in round ${round}. ${stillHeld(held)}`,
    kind: "gently",
  }),
  "presenting-in-round": (problem, context) => ({
    title: "You present in this round",
    text: `In round ${problem.round ?? context.round} people come to your own table.`,
    kind: "gently",
  }),
  "registration-not-confirmed": () => ({
    title: "You have no place yet",
    text: "Tables can be chosen once your place is confirmed. On the waitlist you need not do anything: you move up by yourself.",
    kind: "gently",
    reload: true,
  }),
  "registration-not-open": () => ({
    title: "Registration is not open",
    text: "It has not begun yet, or it has ended. Your hub's organiser knows more.",
    kind: "gently",
    reload: true,
  }),
  "event-full": (problem) => ({
    title: "Every place is taken",
    text: `All ${problem.capacity} places are gone, and this evening keeps no waitlist.`,
    kind: "gently",
    reload: true,
  }),
  "already-registered": () => ({
    title: "Registered already",
    text: "There is a registration for this evening: nothing more to do.",
    kind: "gently",
    reload: true,
  }),
  "registration-cancelled": () => ({
    title: "This registration was cancelled",
    text: "It cannot be changed any more. Register again if there is still room.",
    reload: true,
  }),
  "checked-in": () => ({
    title: "You are here already",
    text: "Whoever has been checked in at the door cannot cancel any more.",
    kind: "gently",
    reload: true,
  }),
  "still-presenting": () => ({
    title: "You present on this evening",
    text: "Your place comes with your table. To give it up, withdraw the presentation, or ask the organiser.",
    kind: "gently",
  }),
  "event-over": () => ({
    title: "This evening is over",
    text: "Nothing about it can be changed any more.",
    kind: "gently",
    reload: true,
  }),
  "event-not-published": () => ({
    title: "Not published yet",
    text: "Tables can be chosen once the organiser has published this evening.",
    kind: "gently",
  }),
  "precondition-failed": () => ({
    title: "It was changed elsewhere meanwhile",
    text: "Perhaps by yourself on another device. Nothing was overwritten.",
    reload: true,
  }),
  "invalid-request": () => ({
    title: "Something is not right yet",
    text: "Please look at the places that are marked.",
    placed: true,
  }),
  "email-taken": () => ({ title: "This address belongs to somebody else", text: "Please check the e-mail address." }),
  unauthenticated: () => ({
    title: "Please sign in again",
    text: "You were signed out, because it has been a while or because the sign-in was ended elsewhere.",
  }),
  forbidden: () => ({ title: "Not allowed", text: "You are signed in as somebody who may not do this." }),
  "not-found": () => ({
    title: "Not found",
    text: "It is not there any more, or it is not for the one you are signed in as.",
  }),
  unavailable: () => ({
    title: "The service is very busy",
    text: "Nothing was lost, and nothing was done twice. Please try again in a moment.",
    again: true,
  }),
  "rate-limited": () => ({
    title: "That was a lot at once",
    text: "The service asks for a little patience. Please try again in a moment.",
    again: true,
  }),
  offline: () => ({
    title: navigator.onLine ? "The service cannot be reached" : "You are offline",
    text: "What you see may be out of date. If you have just sent something, try again: it is never done twice.",
    again: true,
  }),
  timeout: () => ({
    title: "No answer in time",
    text: "It may have worked all the same. Try again: it is never done twice.",
    again: true,
  }),
};

const stillHeld = (held) =>
  held ? `You still have your seat at table ${held}.` : "Nothing else has changed: choose another one.";

const MISSING = /required|at least 1 character/i;

// What to show: {title, text, kind, again, reload, more}; `more` is where the API explains it to developers.
export function explain(refusal, context = {}) {
  const words = WORDS[refusal.name]?.(refusal.problem, context) ?? {
    title: "Something went wrong",
    text: "It was not you. Please try again in a minute.",
    again: true,
  };
  const told = refusal.status > 0 && refusal.problem.type?.startsWith("/problems/");
  const more = told ? `${settings.api}${refusal.problem.type}` : null;
  return { kind: "badly", more, reference: refusal.problem.request_id ?? null, ...words };
}

// Which field is wrong, and what about it: by JSON pointer (RFC 6901), as forms name their fields here. What the API says
// of a place is fit for people, but for what is missing.
export function faultsByField(refusal) {
  const words = (detail) => (MISSING.test(detail) ? "please fill this in" : detail);
  return new Map(
    (refusal.problem.errors ?? []).map((each) => [each.pointer ?? `?${each.parameter}`, words(each.detail)]),
  );
}
