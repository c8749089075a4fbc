"""Who came: check-ins at the door, walk-ins, attendance.

And afterwards what they made of it: "what went well", "even better if".
"""
