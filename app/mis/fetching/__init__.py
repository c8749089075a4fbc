"""Staff over the network: clients of other systems' APIs, each of which gives a `StaffSet` or fails as a whole.

Every request passes the outgoing guard. What a server says in its errors is never read, kept or told.
"""
