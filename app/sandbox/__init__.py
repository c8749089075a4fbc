"""The known hub that demo, docs and tests start from, its reset, movable clock, faults, caught mail.

Its people, schools and presentations are invented; the sheets in `hub/` are as untidy as a real hub's.
"""
