// A teacher's evening with the generated client, against a sandbox: see what is on, register, meet a refusal, take a seat.
// Run by Node itself; the compiler has looked at the types before.

import { client } from "./client/client.gen.ts";
import { getMarketplace, listEvents, listSchools, register, takeSeat, getItinerary } from "./client/sdk.gen.ts";
import type { RegisterError, TakeSeatErrors } from "./client/types.gen.ts";

declare const process: { env: Record<string, string | undefined> };

function needed<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

// What a form shows of a refusal. The compiler knows which problems there are, and what each of them tells.
function told(problem: RegisterError): string {
  switch (problem.type) {
    case "/problems/already-registered":
      return `registered already, as ${problem.registration_id}`;
    case "/problems/event-full":
      return `${problem.taken} of ${problem.capacity} places are taken`;
    case "/problems/invalid-request":
      return problem.errors.map((fault) => `${fault.pointer ?? fault.parameter}: ${fault.detail}`).join("; ");
    default:
      return problem.detail;
  }
}

function seatRefusal(problem: TakeSeatErrors[409]): string {
  switch (problem.type) {
    case "/problems/table-already-visited":
      return `visited in round ${problem.round}`;
    case "/problems/table-full":
      return `${problem.taken} of ${problem.capacity}`;
    default:
      return problem.title;
  }
}

client.setConfig({ baseUrl: needed(process.env.BASE_URL, "BASE_URL"), auth: () => process.env.KEY });

const events = needed((await listEvents({ path: { hub_id: "demo" }, query: { status: "published" } })).data, "events");
const evening = needed(
  events.items.find((each) => each.name === "Early Years Evening"),
  "evening",
);
const schools = needed((await listSchools({ path: { hub_id: "demo" } })).data, "schools");
const body = {
  teacher: {
    given_name: "Tamsin",
    family_name: "Okonjo",
    email: "tamsin.okonjo@client.example",
    school_id: needed(schools.items[0], "school").id,
  },
};
const path = { event_id: evening.id };
const first = await register({ path, body, headers: { "Idempotency-Key": "client-1" } });
const registration = needed(first.data, "registration");
const again = await register({ path, body, headers: { "Idempotency-Key": "client-1" } });
const twice = await register({ path, body });
const wrong = await register({ path, body: { teacher: { ...body.teacher, email: "nobody" } } });
const market = needed((await getMarketplace({ path })).data, "marketplace");

const seats: string[] = [];
for (const round of [1, 2]) {
  const table = needed(market.rounds[0]?.tables.find((each) => each.seats > each.seats_taken), "table");
  const seat = await takeSeat({
    path: { registration_id: registration.id, round },
    body: { table_number: table.table_number },
  });
  seats.push(seat.error === undefined ? "taken" : seat.response?.status === 409 ? seatRefusal(seat.error as TakeSeatErrors[409]) : "refused");
}
const itinerary = needed((await getItinerary({ path: { registration_id: registration.id } })).data, "itinerary");

console.log(
  JSON.stringify({
    status: registration.status,
    replayed: again.response?.headers.get("Idempotency-Replayed") ?? null,
    same: again.data?.id === registration.id,
    twice: twice.error === undefined ? null : told(twice.error),
    registration: registration.id,
    wrong: wrong.error === undefined ? null : told(wrong.error),
    seats,
    rounds: itinerary.bookings.length,
  }),
);
