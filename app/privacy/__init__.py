"""What is held about people: shown, erased, deleted in time; the audit trail.

Subject access, erasure, retention, and who did what when.
"""
