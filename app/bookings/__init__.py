"""One attendee, one seat a round.

Taking, moving and leaving seats, and whole itineraries.
"""
