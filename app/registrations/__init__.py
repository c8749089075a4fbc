"""Places, the waitlist, preferences, needs.

Registering, promotion from the waitlist, cancelling, wishes.
"""
