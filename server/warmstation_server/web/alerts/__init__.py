"""A manager's alerts: the list, each one's story, what people do with them, live.

`facts` and `story` are pure; `pages`, `deeds`, `live` and `api` are routes behind the staff door.
"""
