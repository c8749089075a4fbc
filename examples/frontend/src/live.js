// The marketplace as it is at this moment: by server-sent events, and by asking where those do not get through.
//
// The browser comes back by itself when the line breaks, with `Last-Event-ID`, and is told what it has missed. Only an
// answer that is not a stream (404, 503) ends it: then we ask, and try the stream again later.

import { poll } from "./polling.js";
import { settings } from "./settings.js";

// So long a stream may take to open, or to come back, before we ask instead; and so long until it is tried again.
const PATIENCE_MILLISECONDS = settings.pollSeconds * 1_000;
const AGAIN_MILLISECONDS = 6 * PATIENCE_MILLISECONDS;

// `changed(market, slots)`: all of it, and the slots that are new; `how` is "live", "asking" or "lost".
export function follow(eventId, { changed, how }) {
  const path = `/v1/events/${eventId}/marketplace`;
  let market = null;
  let source = null;
  let stopAsking = null;
  let timers = [];

  function take(whole) {
    const before = market === null ? null : slotsOf(market);
    market = whole;
    const slots = before === null ? [] : [...slotsOf(whole)].filter(([at, slot]) => differs(before.get(at), slot));
    changed(
      market,
      slots.map(([, slot]) => slot),
    );
  }

  function apply(told) {
    const fresh = new Map(told.slots.map((slot) => [`${slot.round} ${slot.table_number}`, slot]));
    take({
      ...market,
      places_left: told.places_left,
      rounds: market.rounds.map((round) => ({
        ...round,
        tables: round.tables.map((slot) => fresh.get(`${round.number} ${slot.table_number}`) ?? slot),
      })),
    });
  }

  function ask() {
    if (stopAsking === null) {
      stopAsking = poll(path, {
        seconds: settings.pollSeconds,
        changed: (body) => {
          take(body);
          how("asking");
        },
        failed: () => how("lost"),
      });
    }
  }

  function listen() {
    source = new EventSource(settings.api + path + "/stream");
    source.onopen = () => {
      clearTimers();
      stopAsking?.();
      stopAsking = null;
      how("live");
    };
    source.onerror = () => {
      how("asking");
      if (source.readyState === EventSource.CLOSED) {
        ask();
        later(AGAIN_MILLISECONDS, listen);
      } else {
        later(PATIENCE_MILLISECONDS, ask);
      }
    };
    source.addEventListener("marketplace", (message) => take(JSON.parse(message.data)));
    source.addEventListener("changes", (message) => market !== null && apply(JSON.parse(message.data)));
    later(PATIENCE_MILLISECONDS, () => source.readyState !== EventSource.OPEN && ask());
  }

  function later(milliseconds, action) {
    timers.push(setTimeout(action, milliseconds));
  }

  function clearTimers() {
    timers.forEach(clearTimeout);
    timers = [];
  }

  listen();
  return () => {
    clearTimers();
    source.close();
    stopAsking?.();
  };
}

function slotsOf(market) {
  return new Map(
    market.rounds.flatMap((round) =>
      round.tables.map((slot) => [`${round.number} ${slot.table_number}`, { round: round.number, ...slot }]),
    ),
  );
}

const differs = (one, other) =>
  one === undefined ||
  one.seats !== other.seats ||
  one.seats_taken !== other.seats_taken ||
  one.closed !== other.closed ||
  one.presentation_id !== other.presentation_id;
