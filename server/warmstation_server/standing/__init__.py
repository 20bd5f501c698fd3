"""How a server stands, in one look: what it says of itself, and what is seen without it.

For `warmstation status`. Nothing is made or changed, and no database is opened but to knock at it.
"""
