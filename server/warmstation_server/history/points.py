"""A station's reports as points of a chart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from warmstation_server.history import Point
from warmstation_server.history.codec import (
    CHARGERS_AT,
    CHARGING,
    COLUMN,
    HEADER,
    Shape,
    microseconds,
    moment,
)

LOOKBACK = timedelta(hours=1)
"""How far before its start a series looks for the counter that its first rise is counted from."""

_AT, _STREAM, _SEQ = (HEADER.index(name) for name in ("measured_us", "stream", "seq"))
_SHOWN = ("entered", "room_c", "outlet_c", "outdoor_c", "heater_w", "heating", "inside")
_SHOWN_AT = tuple(len(HEADER) + COLUMN[name] for name in _SHOWN)
_STATES_AT = len(HEADER) + CHARGERS_AT


class Sample(NamedTuple):
    """What a chart needs of one report."""

    stream: int
    seq: int
    at_us: int
    entered: float | None
    room_c: float | None
    outlet_c: float | None
    outdoor_c: float | None
    heater_w: float | None
    heating: float | None
    people: float | None
    in_use: int | None


def columns_charted(form: Shape) -> int:
    """How many columns `samples` needs: what lies behind the chargers' states is not charted."""
    return _STATES_AT + len(form.chargers)


def samples(form: Shape, columns: Sequence[Sequence[float]]) -> Iterator[Sample]:
    """What a chart needs of rows of one shape, given as columns (HEADER, then values)."""
    n = len(form.chargers)
    states = columns[_STATES_AT : _STATES_AT + n]
    in_use: Iterable[int | None]
    if n:
        in_use = [row.count(CHARGING) for row in zip(*states, strict=True)]
    else:
        in_use = [None] * len(columns[_AT])
    shown = [_unknown_is_none(columns[i]) for i in _SHOWN_AT]
    header = (columns[_STREAM], columns[_SEQ], columns[_AT])
    return map(Sample._make, zip(*header, *shown, in_use, strict=True))


def points(
    found: Iterable[Sample], start: datetime, end: datetime, window: timedelta | None
) -> list[Point]:
    """Points of the samples within start..end; earlier ones only give counters their base."""
    start_us, end_us = microseconds(start), microseconds(end)
    ordered = sorted(found)
    rises = _rises(ordered)
    inside = [
        (sample, rise)
        for sample, rise in zip(ordered, rises, strict=True)
        if start_us <= sample.at_us < end_us
    ]
    inside.sort(key=_by_time)
    if window is None:
        return [_single(sample.at_us, sample, rise) for sample, rise in inside]
    step = window // timedelta(microseconds=1)
    windows = groupby(inside, key=lambda pair: (pair[0].at_us - start_us) // step)
    return [_point(start_us + i * step, list(pairs)) for i, pairs in windows]


def _by_time(pair: tuple[Sample, int | None]) -> tuple[int, int]:
    return pair[0].at_us, pair[0].seq


def _rises(ordered: list[Sample]) -> list[int | None]:
    """What `entered` rose by at each sample (rising by stream and seq); None = unknown."""
    rises: list[int | None] = []
    last: float | None = None
    stream: int | None = None
    for sample in ordered:
        if sample.stream != stream:
            stream, last = sample.stream, None
        shown = sample.entered
        base = last if last is not None else 0.0 if sample.seq == 1 else None
        rises.append(None if shown is None or base is None else max(0, int(shown - base)))
        last = last if shown is None else shown
    return rises


def _point(at_us: int, pairs: list[tuple[Sample, int | None]]) -> Point:
    if len(pairs) == 1:
        return _single(at_us, *pairs[0])
    found = [sample for sample, _ in pairs]
    rises = [rise for _, rise in pairs if rise is not None]
    people = [s.people for s in found if s.people is not None]
    return Point(
        at=moment(at_us),
        room_c=_mean([s.room_c for s in found]),
        outlet_c=_mean([s.outlet_c for s in found]),
        outdoor_c=_mean([s.outdoor_c for s in found]),
        heater_w=_mean([s.heater_w for s in found]),
        heating_share=_mean([s.heating for s in found]),
        people=_mean(people),
        people_max=int(max(people)) if people else None,
        entered=sum(rises) if rises else None,
        chargers_in_use=_mean([s.in_use for s in found]),
    )


def _single(at_us: int, sample: Sample, rise: int | None) -> Point:
    _, _, _, _, room, outlet, outdoor, heater, heating, people, in_use = sample
    most = None if people is None else int(people)
    used = None if in_use is None else float(in_use)
    return Point(moment(at_us), room, outlet, outdoor, heater, heating, people, most, rise, used)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _unknown_is_none(column: Sequence[float]) -> list[float | None]:
    return [None if value != value else value for value in column]
