"""Presentations, tables, slots, the public pages.

The pages that everyone polls, programme and marketplace, are rendered once for each change.
"""
