"""Geometry of the district's charts; templates draw it, with a table behind each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from warmstation_server.usage.heat import Heat

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 28
CELL, GAP, LABEL = 24, 2, 44
SHADES = 9
HALF = 0.5


class Square(NamedTuple):
    """An hour of the week. `shade`: 0 to SHADES; None = never measured."""

    x: int
    y: int
    shade: int | None
    visits: int | None
    weekday: int
    hour: int


def squares(heat: Heat) -> list[Square]:
    """168 of them, in proportion to the busiest."""
    most = heat.most_visits
    return [
        Square(
            LABEL + cell.hour * CELL,
            cell.weekday * CELL,
            None if cell.visits is None else -(-SHADES * cell.visits // most) if most else 0,
            cell.visits,
            cell.weekday,
            cell.hour,
        )
        for cell in heat.cells
    ]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over points; a gap where nothing is known. `ticks`: heights and their values.

    `dotted`: from and to points that are not whole. `points`: where each is, its name and value.
    """

    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, float], ...]
    labels: tuple[tuple[float, str], ...]
    height: int = HEIGHT
    base: int = HEIGHT - 8
    dotted: tuple[str, ...] = ()
    points: tuple[tuple[float, str, float | None], ...] = ()


def curve(
    values: Sequence[float | None],
    names: Sequence[str],
    top: float | None = None,
    parts: Collection[int] = (),
) -> Curve:
    """From left to right; from 0 to `top`, or to a round figure above the greatest.

    `parts`: at which ends a point is of a day or month that is not whole.
    """
    known = [value for value in values if value is not None]
    high = top or rounded_up(max(known, default=0.0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values) - 1)
    place = [
        None if value is None else (LEFT + n * step, _y(value, high))
        for n, value in enumerate(values)
    ]
    runs: list[list[tuple[int, tuple[float, float]]]] = [[]]
    for n, point in enumerate(place):
        if point is None:
            runs.append([])
        else:
            runs[-1].append((n, point))
    whole = [[point for n, point in run if n not in parts] for run in runs]
    steps = [step for run in runs for step in pairwise(run)]
    every = max(1, -(-len(names) // 8))
    return Curve(
        tuple(_path(run) for run in whole if len(run) > 1),
        tuple(run[0][1] for run in runs if len(run) == 1),
        tuple((_y(high * n / 4, high), high * n / 4) for n in range(5)),
        tuple((LEFT + n * step, name) for n, name in enumerate(names) if n % every == 0),
        dotted=tuple(_path([a, b]) for (n, a), (m, b) in steps if n in parts or m in parts),
        points=tuple(
            (round(LEFT + n * step, 1), name, value)
            for n, (name, value) in enumerate(zip(names, values, strict=True))
        ),
    )


def top_of(values: Iterable[float | None], unit: str) -> float:
    """The top of a scale for these values; shares that are high are seen against the whole."""
    most = max((value for value in values if value is not None), default=0.0)
    return 1.0 if unit == "share" and most > HALF else rounded_up(most)


def _y(value: float, high: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, value / high), 1)


def _path(run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def rounded_up(value: float) -> float:
    """The top of a scale."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next(power * n for n in (1, 2, 4, 5, 8, 10) if power * n >= value)
