"""Teach Meet: the booking API for evenings on which teachers teach teachers.

The rooms, from the top down; imports only point down:

main, cli      wire everything, decide nothing
sandbox        the known hub that demo and tests start from
sheets         a hub's spreadsheets in: schools, presenters, sign-ups
bookings       one attendee, one seat a round
registrations  places, the waitlist, preferences
marketplace    presentations, tables, slots, the public pages
events         an evening: venue, rounds, lifecycle, copy
access         API keys and what they reach
people         hubs, schools, teachers
kernel         no product words: settings, database, writer, problems, pages, idempotency
"""
