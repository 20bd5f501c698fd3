"""The figures of a district: each with its unit, its coverage and its two parts. Pure.

Names and definitions in words are in the catalogues, as `metric.KEY` and `metric.KEY.means`, and
are printed with every figure. A figure is unknown (None) where nothing was measured, never 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from warmstation_server.usage.sums import Sums

Unit = Literal["count", "per_day", "minutes", "hours", "share", "kwh", "kwh_each", "celsius"]
_HOUR_MS = 3_600_000
Parts = Callable[[Sums], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Metric:
    """`parts`: numerator and denominator in the unit asked for. `covered`: the share that was
    measured, as its own two parts. `is_better`: which way is good; 0 = neither."""

    key: str
    unit: Unit
    parts: Parts
    covered: Parts
    is_better: Literal[-1, 0, 1] = 0
    digits: int = 1
    goal: float | None = None
    """What was promised or is usual; bars are drawn against it."""

    @property
    def is_total(self) -> bool:
        """Whether it grows with the days that are added up: half a month has half of it."""
        return self.unit in ("count", "hours", "kwh")


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value, None = unknown, and the share of what should be measured that was."""

    metric: Metric
    value: float | None
    coverage: float | None

    @property
    def key(self) -> str:
        """Whose figure it is."""
        return self.metric.key


def figure(metric: Metric, sums: Sums) -> Figure:
    """The figure of these sums."""
    coverage = _ratio(metric.covered(sums))
    value = _ratio(metric.parts(sums))
    return Figure(metric, value if coverage else None, coverage and min(1.0, coverage))


def change(now: Figure, then: Figure) -> float | None:
    """How much more (0.08 = 8 %); of shares, by how many points, of temperatures, by how many
    degrees: 20 °C are not a tenth more than 18. None where unknown."""
    if now.value is None or then.value is None:
        return None
    if now.metric.unit in ("share", "celsius"):
        return now.value - then.value
    return now.value / then.value - 1 if then.value else None


def _ratio(parts: tuple[float, float]) -> float | None:
    above, below = parts
    return above / below if below else None


def _counted(sums: Sums) -> tuple[float, float]:
    return sums.counter_ms, sums.elapsed_ms


def _seen(sums: Sums) -> tuple[float, float]:
    return sums.people_measured_ms, sums.elapsed_ms


def _full(sums: Sums) -> tuple[float, float]:
    return sums.full_known_ms, sums.elapsed_ms


def _chargers(sums: Sums) -> tuple[float, float]:
    return sums.charger_ms, max(sums.charger_posted_ms, sums.charger_ms)


def _warmth(sums: Sums) -> tuple[float, float]:
    return sums.temp_ms, sums.posted_ms


def _metered(sums: Sums) -> tuple[float, float]:
    return sums.heater_ms, sums.elapsed_ms


METRICS: tuple[Metric, ...] = (
    Metric("visits", "count", lambda s: (s.visits, 1), _counted, 1, 0),
    Metric(
        "daily_visits",
        "per_day",
        lambda s: (s.good_visits, s.good_days),
        lambda s: (s.good_days, s.open_days),
        1,
    ),
    Metric("stay", "minutes", lambda s: (s.people_ms / 60_000, s.visits), _seen),
    Metric("occupancy_hours", "hours", lambda s: (s.people_ms / _HOUR_MS, 1), _seen),
    Metric("seat_use", "share", lambda s: (s.seat_people_ms, s.seat_ms), _seen),
    Metric("full_hours", "hours", lambda s: (s.full_ms / _HOUR_MS, 1), _full, -1),
    Metric(
        "hours_kept",
        "share",
        lambda s: (s.open_ms, s.posted_ms),
        lambda s: (s.open_ms + s.closed_ms, s.posted_ms),
        1,
        goal=1.0,
    ),
    Metric("heating_18", "share", lambda s: (s.warm_ms, s.temp_ms), _warmth, 1, goal=0.95),
    Metric("heating_target", "share", lambda s: (s.target_ms, s.temp_ms), _warmth, 1, goal=0.95),
    Metric("room_c", "celsius", lambda s: (s.room_mk_s - 100 * s.temp_ms, s.temp_ms), _warmth),
    Metric("charger_use", "share", lambda s: (s.in_use_ms, s.serviceable_ms), _chargers),
    Metric("sessions", "count", lambda s: (s.sessions, 1), _chargers, 1, 0),
    Metric("charger_kwh", "kwh", lambda s: (s.charger_mwh / 1e6, 1), _chargers),
    Metric(
        "facilities", "share", lambda s: (s.serviceable_ms, s.charger_ms), _chargers, 1, goal=0.98
    ),
    Metric(
        "stocked",
        "share",
        lambda s: (s.shelf_ms - s.empty_ms, s.shelf_ms),
        lambda s: (s.shelf_ms, max(s.shelf_posted_ms, s.shelf_ms)),
        1,
        goal=0.95,
    ),
    Metric(
        "empty_hours",
        "hours",
        lambda s: (s.empty_ms / _HOUR_MS, 1),
        lambda s: (s.shelf_ms, max(s.shelf_posted_ms, s.shelf_ms)),
        -1,
    ),
    Metric("heater_kwh", "kwh", lambda s: (s.heater_mwh / 1e6, 1), _metered, -1),
    Metric(
        "energy_per_visit",
        "kwh_each",
        lambda s: (s.metered_mwh / 1e6, s.metered_visits),
        _metered,
        -1,
        2,
    ),
    Metric(
        "data",
        "share",
        lambda s: (min(s.measured_ms, s.elapsed_ms), s.elapsed_ms),  # the last report holds on
        lambda s: (s.elapsed_ms, s.elapsed_ms),
        1,
        goal=0.98,
    ),
)
BY_KEY = {metric.key: metric for metric in METRICS}


def figures(sums: Sums) -> dict[str, Figure]:
    """Every figure of these sums."""
    return {metric.key: figure(metric, sums) for metric in METRICS}
