"""The known hub that demo and tests start from, and the caught mail.

Its people, schools and presentations are invented; the sheets in `hub/` are as untidy as a real hub's.
"""
