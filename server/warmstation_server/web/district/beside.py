"""One station's days as a curve, beside another's where one is chosen. Pure but for the rollup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warmstation_server.places import Station
from warmstation_server.usage.district import District
from warmstation_server.usage.metric import Figure, Metric, figure
from warmstation_server.usage.period import Period
from warmstation_server.usage.written import written, written_value
from warmstation_server.web.district.charts import Curve, curve, top_of
from warmstation_server.web.words import Words


@dataclass(frozen=True, slots=True)
class Beside:
    """`curves`: of each of `names`, in one scale; `rows`: the same day by day, in words."""

    names: tuple[str, ...]
    curves: tuple[Curve, ...]
    rows: tuple[tuple[date, tuple[str, ...]], ...]
    metric: Metric
    words: Words

    def tick(self, value: float) -> str:
        """A height of the chart in words."""
        return written_value(value, self.metric, self.words)


def beside(
    district: District,
    places: tuple[Station, ...],
    period: Period,
    metric: Metric,
    today: date,
    t: Words,
) -> Beside:
    """Of these stations, on every day of the period."""
    found = [_days(district, place, period, metric) for place in places]
    top = top_of((one.value for days in found for one in days.values()), metric.unit)
    every = list(period)
    names = [t.day(day) for day in every]
    parts = {n for n, day in enumerate(every) if day >= today}
    curves = [curve([_value(days, day) for day in every], names, top, parts) for days in found]
    rows = [
        (day, tuple(written(days[day], t) if day in days else "?" for days in found))
        for day in every
        if any(day in days for days in found)
    ]
    return Beside(
        tuple(t.text(place.name) for place in places), tuple(curves), tuple(rows), metric, t
    )


def _days(district: District, place: Station, period: Period, metric: Metric) -> dict[date, Figure]:
    return {step.first: figure(metric, step.sums) for step in district.days(place.id, period)}


def _value(days: dict[date, Figure], day: date) -> float | None:
    found = days.get(day)
    return None if found is None else found.value
