"""Hubs, schools, teachers.

A hub is the tenant; nothing of one hub is visible to another.
"""
