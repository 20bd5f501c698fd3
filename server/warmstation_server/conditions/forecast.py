"""When will an item run out: hours with an interval, from its level, pace and hours. Pure.

What is taken until the mean reaches m has variance phi * m + spread2 * m^2: portions come one by
one (a compound Poisson process, variance in proportion to the mean), and whole days are busier or
quieter than usual (in proportion to its square). The level L is reached at the q-quantile where
m + z sqrt(phi m + spread2 m^2) = L, a quadratic in m; the profile of the week turns m into hours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle, islice
from math import ceil, inf, sqrt

from warmstation_server.conditions.place import HOUR_S, Spans

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


@dataclass(frozen=True, slots=True)
class Ahead:
    """Two weeks from `begin_s`: usual weights and open hours, added up hour by hour."""

    begin_s: float
    taken: Sequence[float]
    opened: Sequence[float]


def means_at_empty(level: float, pace: Pace) -> tuple[float, float, float]:
    """What the mean will have reached when it is empty: early, in the middle, late."""
    a = 1.0 - Z * Z * pace.spread2
    half = level + 0.5 * Z * Z * pace.phi
    root = sqrt(max(0.0, half * half - a * level * level))
    return (half - root) / a, level, (half + root) / a


def ahead_of(weights: Sequence[float], first_hour: int, begin_s: float, spans: Spans) -> Ahead:
    """From `begin_s`, when the hour of the week `first_hour` begins; no spans: always open."""
    shares = [0.0] * HORIZON_H if spans else [1.0] * HORIZON_H
    for start_s, end_s in spans:
        start, end = max(0.0, (start_s - begin_s) / HOUR_S), (end_s - begin_s) / HOUR_S
        for hour in range(int(start), min(HORIZON_H, ceil(end))):
            shares[hour] += min(end, hour + 1) - max(start, hour)
    usual = islice(cycle(weights), first_hour, first_hour + HORIZON_H)
    steps = (
        weight * (_CLOSED_SHARE + (1 - _CLOSED_SHARE) * share)
        for weight, share in zip(usual, shares, strict=True)
    )
    return Ahead(
        begin_s, list(accumulate(steps, initial=0.0)), list(accumulate(shares, initial=0.0))
    )


def forecast(level: float, pace: Pace, ahead: Ahead, at_s: float) -> Forecast:
    """From `at_s`, which lies in the first hours of `ahead`."""
    begin_h = (at_s - ahead.begin_s) / HOUR_S
    begun = _at(ahead.taken, begin_h)
    early_h, hours, late_h = (
        _reached(ahead.taken, begun + mean / pace.rate) if pace.rate > 0.0 else inf
        for mean in means_at_empty(level, pace)
    )
    open_h = inf
    if early_h < inf:
        open_h = _at(ahead.opened, early_h) - _at(ahead.opened, begin_h)
    return Forecast(hours - begin_h, early_h - begin_h, late_h - begin_h, open_h)


def _at(sums: Sequence[float], hours: float) -> float:
    whole = min(int(hours), len(sums) - 2)
    return sums[whole] + (hours - whole) * (sums[whole + 1] - sums[whole])


def _reached(sums: Sequence[float], goal: float) -> float:
    """Hours until a rising sum reaches the goal."""
    after = bisect_left(sums, goal)
    if after >= len(sums):
        return inf
    if after == 0:
        return 0.0
    return after - 1 + (goal - sums[after - 1]) / (sums[after] - sums[after - 1])
