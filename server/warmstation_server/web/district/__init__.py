"""/district: figures for those who must answer for them, with the hours they came from.

`asked` reads an address, `charts` is geometry, `view` puts an Answer into words; `pages`, `exports`
and `api` are the routes, each behind the door.
"""
