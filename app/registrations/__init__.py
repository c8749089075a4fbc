"""Places, the waitlist, preferences.

Registering, promotion from the waitlist, cancelling, wishes.
"""
