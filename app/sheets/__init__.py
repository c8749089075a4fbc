"""A hub's spreadsheets in: schools, presenters, sign-ups.

Read tolerantly, planned in plain English, never guessed silently.
"""
