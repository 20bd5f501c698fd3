"""Who may do what, and where. Pure: no storage, no web, no clock; `passwords` and `secrets` hash.

Pages ask `may`; the registry keeps people; `web.staff.door` lets them in.
"""
