"""No product words: settings, database, writer, problems, jobs, mail, limits, sealing.

What every room stands on, and the HTTP habits that all of them share.
"""
