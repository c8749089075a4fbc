"""Files from the schools' systems, read into staff sets: bytes in, people at schools out. Knows no database.

oneroster_csv/  OneRoster 1.1 and 1.2: a ZIP of tables with a manifest
staff_csv       a plain list with a column map; staff_columns suggests one
gias            the register of schools
"""
