"""A made-up world of stations that drives real agents from their pins up, and labels it so.

`world.py` and the nouns beside it are pure physics and people; `station.py` binds a world to a
mock board and a real agent; `generate.py` steps the same worlds fast, for history; `command.py`
is `warmstation-agent simulate`. Nothing outside the command line and the demo imports this room.
"""
