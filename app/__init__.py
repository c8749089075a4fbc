"""Teach Meet: the booking API for evenings on which teachers teach teachers.

The rooms, from the top down; imports only point down:

main, cli      wire everything, decide nothing
privacy        what is held about people: shown, erased, deleted in time; the audit trail
sandbox        the known hub that demo and tests start from, and the caught mail
sheets         a hub's spreadsheets in: schools, presenters, sign-ups
allocation     everybody's itinerary from everybody's wishes
bookings       one attendee, one seat a round
registrations  places, the waitlist, preferences, needs
marketplace    presentations, tables, slots, the public pages
events         an evening: venue, rounds, lifecycle, copy
access         who is calling: keys, sign-in links, sessions, roles
people         hubs, schools, teachers
kernel         no product words: settings, database, writer, problems, jobs, mail, limits, sealing
"""
