"""Running it: units, web servers, broker and containers as files, and what puts them in place.

`files/` are samples that work as they are; `install` writes them for one deployment.
"""
