// One evening and oneself at it: what is known, what is under way, and what went wrong. Its parts share it.

import * as api from "./api.js";
import { follow } from "./live.js";
import { plural, say } from "./parts.js";
import { poll } from "./polling.js";
import { explain, faultsByField } from "./problems.js";
import { session } from "./session.js";
import { settings } from "./settings.js";

const QUIET_MILLISECONDS = 4_000;
const SETTLED_MILLISECONDS = 300;

export function newEvening(id, refresh) {
  const evening = {
    id,
    event: null,
    programme: null,
    market: null,
    how: "asking",
    registration: null,
    itinerary: null,
    preferences: null,
    trouble: null,
    faults: new Map(),
    busy: null,
    onRounds: () => null,
    onRanking: () => null,
    reloadPart: () => null,
    wishes: null,
    load,
    begin,
    stop,
    attempt,
    registered,
    slot,
    heldIn,
  };
  let again = null;
  let stopFollowing = null;
  let stopWaiting = null;
  let spokeAt = 0;
  let settling = null;

  evening.onTrouble = {
    again: () => again?.(),
    reload: () => attempt("reload", () => Promise.all([load(), evening.reloadPart()])),
    close: () => {
      evening.trouble = null;
      refresh();
    },
  };

  // All that the screens need: two calls for anyone, three more for those who have a place.
  async function load() {
    await session.settle();
    const { body } = await api.get(`/v1/events/${id}/programme`);
    evening.programme = body;
    evening.event = body.event;
    if (session.me?.teacher_id) {
      const all = await api.all(`/v1/events/${id}/registrations`);
      const mine = all.filter((each) => each.teacher_id === session.me.teacher_id);
      await registered(mine.find((each) => each.status !== "cancelled") ?? mine.at(-1) ?? null);
    }
    refresh();
  }

  function begin() {
    stopFollowing = follow(id, {
      changed(market, slots) {
        evening.market = market;
        evening.event = { ...evening.event, places_left: market.places_left };
        announce(slots);
        if (slots.some((slot) => heldIn(slot.round) === slot.table_number)) {
          clearTimeout(settling);
          settling = setTimeout(loadItinerary, SETTLED_MILLISECONDS);
        }
        refresh();
      },
      how(how) {
        evening.how = how;
        refresh();
      },
    });
  }

  function stop() {
    stopFollowing?.();
    stopWaiting?.();
    clearTimeout(settling);
  }

  // Does something that can be refused; `what` is what the words about a refusal need to know.
  async function attempt(name, action, what = {}) {
    if (evening.busy !== null) {
      return false;
    }
    Object.assign(evening, { busy: name, trouble: null, faults: new Map() });
    refresh();
    try {
      await action();
      return true;
    } catch (refusal) {
      evening.faults = faultsByField(refusal);
      evening.trouble = explain(refusal, what);
      again = () => attempt(name, action, what);
      if (evening.trouble.kind === "gently") {
        say(`${evening.trouble.title}. ${evening.trouble.text}`);
      }
      return false;
    } finally {
      evening.busy = null;
      refresh();
    }
  }

  // Takes over how one's registration is now, and fetches what it gives access to.
  async function registered(registration) {
    evening.registration = registration;
    stopWaiting?.();
    stopWaiting = null;
    if (registration?.status === "confirmed") {
      await loadItinerary();
    } else {
      evening.itinerary = null;
    }
    if (registration?.status === "waitlisted") {
      stopWaiting = poll(`/v1/registrations/${registration.id}`, { seconds: settings.pollSeconds, changed: moved });
    }
    const ranks = registration && registration.status !== "cancelled" && registration.role === "attendee";
    evening.preferences = ranks ? await api.get(`/v1/registrations/${registration.id}/preferences`) : null;
    evening.onRanking(evening.preferences);
  }

  // News from the waitlist.
  async function moved(registration) {
    const before = evening.registration;
    evening.registration = registration;
    if (registration.status === "confirmed") {
      evening.trouble = {
        kind: "well",
        title: "You have a place!",
        text: "Somebody could not come, and you were next. Choose your tables now.",
      };
      say(`${evening.trouble.title} ${evening.trouble.text}`);
      await registered(registration).catch(() => null);
    } else if (registration.waitlist_position !== before.waitlist_position) {
      say(`You are number ${registration.waitlist_position} on the waitlist now.`);
    }
    refresh();
  }

  async function loadItinerary() {
    evening.itinerary = (await api.get(`/v1/registrations/${evening.registration.id}/itinerary`)).body;
    refresh();
  }

  function announce(slots) {
    const here = slots.filter((slot) => slot.round === evening.onRounds());
    if (here.length === 0 || Date.now() - spokeAt < QUIET_MILLISECONDS) {
      return;
    }
    spokeAt = Date.now();
    const [slot] = here;
    const free = slot.seats - slot.seats_taken;
    say(
      here.length === 1
        ? `Table ${slot.table_number} has ${plural(free, "free seat")} now.`
        : `Seats at ${here.length} tables have changed.`,
    );
  }

  // One table in one round, as it is at this moment; null until that is known.
  function slot(round, table) {
    const tables = evening.market?.rounds.find((each) => each.number === round)?.tables;
    return tables?.find((each) => each.table_number === table) ?? null;
  }

  function heldIn(round) {
    return evening.itinerary?.bookings.find((each) => each.round === round)?.table_number ?? null;
  }

  return evening;
}
