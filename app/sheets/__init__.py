"""A hub's spreadsheets in: schools, presenters, sign-ups.

They are read tolerantly, planned in plain English, and never guessed silently.
"""
