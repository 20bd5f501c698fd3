"""An Answer as a page shows it: words, bars, lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from warmstation_server.exports.table import name_of
from warmstation_server.usage.answer import Answer, Line, Step
from warmstation_server.usage.metric import BY_KEY, Figure, change, figure
from warmstation_server.usage.period import month_of
from warmstation_server.usage.recorded import PER_100, RANKED, USED
from warmstation_server.usage.written import written, written_change, written_peak, written_value
from warmstation_server.web.district.asked import Asked
from warmstation_server.web.district.charts import curve, squares, top_of
from warmstation_server.web.words import Words

HEADLINE = ("visits", "hours_kept", "heating_18", "charger_use", "facilities", "data")
COLUMNS = ("visits", "hours_kept", "heating_18", "charger_use", "facilities", "energy_per_visit")
MOST = 40
"""Stations in a ranking on the page; exports have all."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure in words. `role`: how a change is coloured."""

    key: str
    value: str
    coverage: str
    previous: str
    last_year: str
    role: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a ranking: `share` of the width, `goal` where it is marked."""

    id: str
    name: str
    value: str
    share: float | None
    goal: float | None


def facts(answer: Answer, asked: Asked, today: date, t: Words) -> dict[str, Any]:
    """Everything that the template of /district wants of an answer."""
    trend, rank = BY_KEY[asked.trend], RANKED[asked.rank]
    points = [figure(trend, step.sums) for step in answer.trend]
    names = [_point_name(answer, n, t) for n in range(len(answer.trend))]
    tiles = _tiles(answer, t)
    top = top_of((point.value for point in points), trend.unit)
    is_monthly = any(step.first != step.last for step in answer.trend)
    parts = {
        n
        for n, (step, point) in enumerate(zip(answer.trend, points, strict=True))
        if point.value is not None and _is_part(step, today, is_monthly=is_monthly)
    }
    return {
        "tiles": [tiles[key] for key in HEADLINE],
        "every": list(tiles.values()),
        "squares": squares(answer.heat),
        "peak": written_peak(answer.heat.peak, t),
        "peaks": [
            (key, written_peak(one.peak, t))
            for key, one in (("previous", answer.previous), ("last_year", answer.last_year))
            if one.peak is not None
        ],
        "used": _used(answer, t),
        "count_heat": {key: squares(heat) for key, heat in answer.count_heat.items()},
        "curve": curve([point.value for point in points], names, top, parts),
        "tick": lambda value: written_value(value, trend, t),
        "trend_rows": [
            (step.first, step.last, written(point, t), n in parts)
            for n, (step, point) in enumerate(zip(answer.trend, points, strict=True))
        ],
        "is_monthly": is_monthly,
        "is_partly": bool(parts),
        "regional": _rows(answer.regional, t),
        "hosts": _rows(answer.hosts, t),
        "bars": _bars(answer.regional or answer.single, "visits", t)[:MOST],
        "ranked": _bars(answer.single, rank.key, t)[:MOST],
        "goal": None if rank.goal is None else written_value(rank.goal, rank, t),
        "broken": [_broken(answer, one, t) for one in answer.broken[:MOST]],
        "kept_known": _kept_known(answer),
    }


def _tiles(answer: Answer, t: Words) -> dict[str, Tile]:
    """All figures of everything together, in words."""
    before, year = answer.previous_figures, answer.last_year_figures
    return {key: _tile(now, before[key], year[key], t) for key, now in answer.figures.items()}


def _tile(now: Figure, before: Figure, year: Figure, t: Words) -> Tile:
    changed = change(now, before)
    better = (changed or 0) * now.metric.is_better
    return Tile(
        now.key,
        written(now, t),
        "?" if now.coverage is None else f"{now.coverage * 100:.0f}%",
        written_change(changed, now.metric, t),
        written_change(change(now, year), now.metric, t),
        "good" if better > 0 else "poor" if better < 0 else "same",
    )


def _used(answer: Answer, t: Words) -> dict[str, tuple[str, str, str]]:
    """Of each item: how many for 100 visits, and how many more or fewer than in the others."""
    earlier = (answer.previous, answer.last_year)
    before = [{one.name: one.used for one in found.items} for found in earlier]
    rows = {}
    for one in answer.items:
        now = Figure(USED, one.used, None)
        changes = (change(now, Figure(USED, found.get(one.name), None)) for found in before)
        per_100 = Figure(PER_100, one.per_100_visits(answer.sums.visits), None)
        previous, last_year = (written_change(changed, USED, t) for changed in changes)
        rows[one.name] = (written(per_100, t), previous, last_year)
    return rows


def _rows(lines: Sequence[Line], t: Words) -> list[dict[str, Any]]:
    rows = [
        {
            "id": line.group.id,
            "name": name_of(line, t),
            "stations": len(line.group.stations),
            "visits": line.sums.visits,
            "cells": [written(line.figure(key), t) for key in COLUMNS],
            "alerts": written(line.figure("alerts"), t),
        }
        for line in lines
    ]
    return sorted(rows, key=lambda row: -row["visits"])


def _bars(lines: Sequence[Line], key: str, t: Words) -> list[Bar]:
    """The best first, the unknown last."""
    metric = RANKED[key]
    found: list[tuple[Line, Figure]] = [(line, line.figure(key)) for line in lines]
    most = max((one.value or 0.0 for _, one in found), default=0.0) or 1.0
    top = 1.0 if metric.unit == "share" else most
    sign = -1 if metric.is_better >= 0 else 1
    found.sort(
        key=lambda pair: (pair[1].value is None, sign * (pair[1].value or 0), pair[0].group.id)
    )
    return [
        Bar(
            line.group.id,
            name_of(line, t),
            written(one, t),
            None if one.value is None else min(1.0, one.value / top),
            metric.goal,
        )
        for line, one in found
    ]


def _broken(answer: Answer, one: Any, t: Words) -> dict[str, Any]:
    place = next(found for found in answer.stations if found.id == one.station)
    return {
        "id": one.station,
        "name": t.text(place.name),
        "promise": one.promise,
        "missed": f"{one.missed_ms / _HOUR_MS:,.1f}",
        "of": f"{one.promised_ms / _HOUR_MS:,.1f}",
        "share": f"{one.share * 100:.1f}%",
        "coverage": "?" if one.coverage is None else f"{min(1.0, one.coverage) * 100:.0f}%",
    }


def _kept_known(answer: Answer) -> str:
    """Of how much of the posted time somebody knows; "" where of none."""
    coverage = figure(BY_KEY["hours_kept"], answer.sums).coverage
    return f"{coverage * 100:.1f}%" if coverage else ""


def _is_part(step: Step, today: date, *, is_monthly: bool) -> bool:
    """Whether a point stands for a day or a month of which there is more than was counted."""
    if step.last >= today:
        return True
    month = month_of(step.first)
    return is_monthly and (step.first, step.last) != (month.first, month.last)


def _point_name(answer: Answer, place: int, t: Words) -> str:
    step = answer.trend[place]
    return t.day(step.first) if step.first == step.last else t.month(step.first)
