"""All that a server must not lose, in one file, and back again. For `warmstation backup|restore`.

A backup is taken while the server works: each database from one consistent view of its own. What
can be made again (days' totals, exports) is left out.
"""
