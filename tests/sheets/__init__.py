"""Spreadsheets in: read, planned, carried out."""
