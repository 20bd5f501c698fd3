"""How far it is on foot, and which way. Pure; straight lines, so every figure is an estimate."""

from __future__ import annotations

from math import atan2, ceil, cos, degrees, radians
from typing import NamedTuple

from warmstation_server.web.query import distance_m
from warmstation_server.web.words import Words

METRES_A_MINUTE = 60
"""Of the straight line: GB 50180-2018 plans 300 m for 5 minutes on foot, 500 for 10, 800 to 1,000
for 15, streets and crossings included."""
FAR_MINUTES = 60
"""Beyond an hour nobody walks there: kilometres say more."""
WINDS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")

Place = tuple[float, float]
"""Latitude and longitude, WGS-84 degrees."""


class Walk(NamedTuple):
    """A way on foot. `heading`: one of WINDS."""

    metres: int
    minutes: int
    heading: str


def walk(here: Place, there: Place) -> Walk:
    """The way from here to there."""
    metres = round(distance_m(here, there))
    return Walk(metres, max(1, ceil(metres / METRES_A_MINUTE)), heading(here, there))


def heading(here: Place, there: Place) -> str:
    """The nearest of eight winds."""
    east = (there[1] - here[1]) * cos(radians((here[0] + there[0]) / 2))
    bearing = degrees(atan2(east, there[0] - here[0])) % 360
    return WINDS[round(bearing / 45) % 8]


def in_words(way: Walk, words: Words) -> str:
    """`NE, 6 min walk`, or `NE, 7 km` where it is too far to walk."""
    wind = words(f"board.wind.{way.heading}")
    if way.minutes > FAR_MINUTES:
        return words("board.ride", wind=wind, km=round(way.metres / 1000))
    return words("board.walk", wind=wind, n=way.minutes)
