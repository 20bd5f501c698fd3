"""What use the stations were: the figures of a district, each with its definition and coverage.

`rollup` keeps what days add up to and `counting` brings it up to date from the history; both follow
from the history and may be made again. The rest is pure. Pages, exports and the command line ask
`District`.
"""
