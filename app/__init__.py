"""Teach Meet: the booking API for evenings on which teachers teach teachers.

The rooms, from the top down; imports only point down:

main, cli      wire everything, decide nothing
manual         what testers and frontend developers read: guides, reference, examples, problems and how to provoke them
privacy        what is held about people: shown, erased, deleted in time; the audit trail
sandbox        the known hub that demo, docs and tests start from, its reset, movable clock, faults, caught mail
mis            staff in from the schools' own systems, attendance and the staff list out to them
webhooks       changes out: the feed, subscriptions, signed deliveries
calendars      calendar feeds: the hub's, a school's, a person's
sheets         a hub's spreadsheets in: schools, presenters, sign-ups
attendance     who came: check-ins at the door, walk-ins, attendance
allocation     everybody's itinerary from everybody's wishes
bookings       one attendee, one seat a round
registrations  places, the waitlist, preferences, needs
marketplace    presentations, tables, slots, the public pages
events         an evening: venue, rounds, lifecycle, copy
access         who is calling: keys, sign-in links, sessions, roles
people         hubs, schools, teachers
kernel         no product words: settings, database, writer, problems, jobs, mail, limits, sealing
"""
