"""No product words: settings, database, writer, problems, pages, idempotency.

What every room stands on, and the HTTP habits that all of them share.
"""
