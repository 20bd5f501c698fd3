"""When will an item run out: hours with an interval, from its level, pace and hours. Pure.

What is taken until the mean reaches m has variance phi * m + spread2 * m^2: portions come one by
one (a compound Poisson process, variance in proportion to the mean), and whole days are busier or
quieter than usual (in proportion to its square). The level L is reached at the q-quantile where
m + z sqrt(phi m + spread2 m^2) = L, a quadratic in m; the profile of the week turns m into hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

from warmstation_server.conditions.place import HOUR_S, WEEK_H, Spans

Z = 1.2816
"""80 % of the outcomes lie between the early and the late figure."""
HORIZON_H = 336
_CLOSED_SHARE = 0.2
"""Of the usual where the posted hours say closed: on a holiday some still have a key."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Mean per weighted hour (share of full), variance per mean, squared spread of days."""

    rate: float
    phi: float
    spread2: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hours until empty: median, and 10 % and 90 % quantiles; `inf` is beyond two weeks.

    `open_early_h`: open hours that are left until the early figure.
    """

    hours: float
    early_h: float
    late_h: float
    open_early_h: float


def means_at_empty(level: float, pace: Pace) -> tuple[float, float, float]:
    """What the mean will have reached when it is empty: early, in the middle, late."""
    a = 1.0 - Z * Z * pace.spread2
    half = level + 0.5 * Z * Z * pace.phi
    root = sqrt(max(0.0, half * half - a * level * level))
    return (half - root) / a, level, (half + root) / a


def forecast(
    level: float, pace: Pace, weights: Sequence[float], first_hour: int, at_s: float, ahead: Spans
) -> Forecast:
    """`first_hour`: hour of the week at `at_s`; hours are cut from `at_s` on, not at the clock."""
    early, middle, late = means_at_empty(level, pace)
    early_h = hours = late_h = inf
    open_h = open_early_h = mean = 0.0
    opened = [max(0.0, (start - at_s) / HOUR_S) for start, _ in ahead]
    closed = [(end - at_s) / HOUR_S for _, end in ahead]
    span, last = 0, len(opened)
    for hour in range(HORIZON_H):
        share = 1.0 if not last else 0.0
        while span < last and closed[span] <= hour + 1:
            share += max(0.0, closed[span] - max(hour, opened[span]))
            span += 1
        if span < last and opened[span] < hour + 1:
            share += hour + 1 - max(hour, opened[span])
        weight = weights[(first_hour + hour) % WEEK_H] * (
            _CLOSED_SHARE + (1 - _CLOSED_SHARE) * share
        )
        step = pace.rate * weight
        if mean + step >= early and early_h == inf:
            early_h = hour + (early - mean) / step
            open_early_h = open_h + share * (early - mean) / step
        if mean + step >= middle and hours == inf:
            hours = hour + (middle - mean) / step
        if mean + step >= late:
            late_h = hour + (late - mean) / step
            break
        mean += step
        open_h += share
    return Forecast(hours, early_h, late_h, open_early_h if early_h < inf else inf)
