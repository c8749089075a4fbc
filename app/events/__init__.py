"""An evening: venue, rounds, lifecycle, copy.

Places are made here, as many as the capacity; a copy of an evening moves everything by the same local time.
"""
