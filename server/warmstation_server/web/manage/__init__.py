"""A manager's pages: their stations, the shelves, riders' reports, visits counted by hand.

`curves`, `promises`, `shelf_facts` and `station_facts` are pure; the other modules are the routes,
behind the staff door. Alerts have a room of their own.
"""
