"""Calendars and their feeds."""
