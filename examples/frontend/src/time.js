// Dates and times as people at the venue say them: always in the evening's own timezone, wherever the reader is.

const formats = new Map();

function format(zone, options) {
  const name = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(name)) {
    formats.set(name, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  }
  return formats.get(name);
}

export const dayOf = (instant, zone) =>
  format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(new Date(instant));

export const timeOf = (instant, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));

export const spanOf = (thing, zone) => `${timeOf(thing.starts_at, zone)}–${timeOf(thing.ends_at, zone)}`;

export const dayNumber = (instant, zone) => format(zone, { day: "numeric" }).format(new Date(instant));
export const monthName = (instant, zone) => format(zone, { month: "short" }).format(new Date(instant));

export const momentOf = (instant, zone) => `${dayOf(instant, zone)}, ${timeOf(instant, zone)}`;

// Said only to those for whom it could be a surprise.
export function zoneNote(zone) {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return mine === zone ? "" : `Times are ${zone.split("/").pop().replaceAll("_", " ")} time.`;
}
