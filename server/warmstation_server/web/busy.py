"""The usual busy hours as bars: geometry for an SVG, with the numbers for the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT, STEP, GAP = 480, 96, 20, 4


class Bar(NamedTuple):
    """One hour: where its bar stands, and the mean number of people (None = never measured)."""

    hour: int
    people: float | None
    x: int
    y: float
    height: float
    is_now: bool


def bars(busy: Sequence[float | None], hour_now: int) -> list[Bar]:
    """24 bars scaled to the busiest hour; an hour never measured has none."""
    top = max((people for people in busy if people is not None), default=0.0) or 1.0
    return [_bar(hour, people, top, hour == hour_now) for hour, people in enumerate(busy)]


def busiest(busy: Sequence[float | None]) -> int | None:
    """The hour with the highest mean; None where nobody was ever measured."""
    known = [(people, -hour) for hour, people in enumerate(busy) if people]
    return -max(known)[1] if known else None


def _bar(hour: int, people: float | None, top: float, is_now: bool) -> Bar:
    height = 0.0 if people is None else max(2.0, round(people / top * HEIGHT, 1))
    return Bar(hour, people, hour * STEP + GAP // 2, HEIGHT - height, height, is_now)
