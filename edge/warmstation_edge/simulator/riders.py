"""Riders: when they come, whether they find a seat, how long they stay, when they leave.

Arrivals are a Poisson process whose rate follows the hour, the weekday and the holidays; every
arrival and departure has its exact moment, whatever the step.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

from warmstation_edge.simulator.holidays import HOLIDAYS, MAKE_UP_WORKDAYS
from warmstation_edge.simulator.hours import PostedHours, Span
from warmstation_edge.simulator.plan import Rhythm
from warmstation_edge.simulator.weather import CHINA_OFFSET_S

_HOURLY: dict[Rhythm, tuple[float, ...]] = {
    # Night deliveries, breakfast, then rest around the lunch and the evening rush.
    "riders": (
        *(0.6, 0.5, 0.4, 0.3, 0.3, 0.5, 1.0, 2.0, 2.6, 2.8, 3.2, 4.4),
        *(6.0, 7.2, 5.6, 3.8, 3.2, 4.0, 5.6, 5.8, 4.4, 2.8, 1.6, 1.0),
    ),
    # A gig-work market hires before dawn breaks and again after lunch.
    "market": (
        *(0.2, 0.2, 0.2, 0.3, 1.0, 4.0, 8.0, 9.0, 7.0, 5.0, 4.0, 4.5),
        *(5.0, 5.0, 4.0, 3.0, 2.5, 2.5, 2.0, 1.0, 0.6, 0.4, 0.2, 0.2),
    ),
    # Courses start in the evening; retired neighbours come in the morning.
    "courses": (
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.8, 3.0, 4.0, 3.0, 1.5),
        *(1.5, 1.5, 2.5, 2.5, 2.0, 2.0, 4.0, 8.0, 7.0, 2.0, 0.5, 0.1),
    ),
}
_WEEKEND = 0.85
_HOLIDAY = 0.55
_HOUR_S = 3600
_DAY_S = 86_400
_EPOCH = date(1970, 1, 1)

_STANDING_ROOM = 2
_MEDIAN_STAY_S = 16 * 60
_REST_STAY_S = 27 * 60
_COURSE_STAY_S = 62 * 60


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody walks through the door; who comes in means to leave at `leaves_s`."""

    at_s: float
    inward: bool
    is_staff: bool = False
    finds_seat: bool = True
    leaves_s: float = 0.0


class Crowd:
    """The people of one station."""

    def __init__(
        self,
        hours: PostedHours,
        rhythm: Rhythm,
        visits_per_day: float,
        capacity: int,
        at_s: float,
        rng: random.Random,
    ) -> None:
        self.inside = 0
        self.entered = 0
        self.left = 0
        self._hours = hours
        self._rhythm = rhythm
        self._rates = _rates_per_s(hours, rhythm, visits_per_day)
        self._capacity = capacity
        self._rng = rng
        self._leaving: list[tuple[float, bool]] = []
        self._day = -1
        self._factor = 1.0
        self._next_arrival_s = self._arrival_after(at_s)
        self._next_staff_s = self._staff_after(at_s)
        self._next_s = min(self._next_arrival_s, self._next_staff_s)

    def departures(self) -> list[float]:
        """When those inside mean to leave, in POSIX seconds."""
        return sorted(at_s for at_s, _ in self._leaving)

    def settle(self, departures: list[float]) -> None:
        """Put people inside who came before this world began."""
        for at_s in departures:
            self.inside += 1
            heapq.heappush(self._leaving, (at_s, False))
        self._look_ahead()

    def advance(self, until_s: float, is_locked: bool) -> list[Crossing]:
        """Everything that happens at the door before this moment, in order."""
        if until_s <= self._next_s:
            return []
        crossings: list[Crossing] = []
        while self._next_s < until_s:
            crossing = self._happen(self._next_s, is_locked)
            if crossing is not None:
                crossings.append(crossing)
            self._look_ahead()
        return crossings

    def _look_ahead(self) -> None:
        self._next_s = min(self._next_arrival_s, self._next_staff_s)
        if self._leaving:
            self._next_s = min(self._next_s, self._leaving[0][0])

    def _happen(self, at_s: float, is_locked: bool) -> Crossing | None:
        if self._leaving and self._leaving[0][0] <= at_s:
            _, is_staff = heapq.heappop(self._leaving)
            self.inside -= 1
            self.left += 1
            return Crossing(at_s, inward=False, is_staff=is_staff)
        if self._next_staff_s <= at_s:
            self._next_staff_s = self._staff_after(at_s)
            leaves_s = at_s + self._rng.uniform(240, 900)
            return None if is_locked else self._enter(at_s, leaves_s, True, True)
        self._next_arrival_s = self._arrival_after(at_s)
        if is_locked or self.inside >= self._capacity + _STANDING_ROOM:
            return None
        finds_seat = self.inside < self._capacity
        return self._enter(at_s, self._leaves_s(at_s, finds_seat), False, finds_seat)

    def _enter(self, at_s: float, leaves_s: float, is_staff: bool, finds_seat: bool) -> Crossing:
        self.entered += 1
        self.inside += 1
        heapq.heappush(self._leaving, (leaves_s, is_staff))
        return Crossing(at_s, True, is_staff, finds_seat, leaves_s)

    def _leaves_s(self, at_s: float, finds_seat: bool) -> float:
        """Full: a look around and out again. Else a stay, longer after lunch, not past closing."""
        if not finds_seat:
            return at_s + self._rng.uniform(20, 60)
        median_s = _median_stay_s(self._rhythm, at_s)
        stay_s = min(3 * _HOUR_S, max(90.0, median_s * math.exp(self._rng.gauss(0, 0.6))))
        closing_s = self._hours.span(at_s).end_s - self._rng.uniform(5, 240)
        return max(at_s + 15, min(at_s + stay_s, closing_s))

    def _staff_after(self, at_s: float) -> float:
        """Staff opens up within minutes of the posted hour; at 8 where it never closes."""
        span = self._hours.span(at_s + 600)
        if span.start_s > at_s + 600:
            return span.start_s + self._rng.uniform(-180, 300)
        if span.end_s - span.start_s < 2 * _DAY_S:
            return span.end_s + self._until_next(span)
        local_s = at_s + CHINA_OFFSET_S
        eight_s = local_s // _DAY_S * _DAY_S + 8 * _HOUR_S - CHINA_OFFSET_S
        next_s = eight_s if eight_s > at_s + 600 else eight_s + _DAY_S
        return next_s + self._rng.uniform(-300, 300)

    def _until_next(self, span: Span) -> float:
        following = self._hours.span(span.end_s)
        return following.start_s - span.end_s + self._rng.uniform(-180, 300)

    def _arrival_after(self, at_s: float) -> float:
        """Next arrival: spend an exponential amount along the hourly rates of the open hours."""
        need = self._rng.expovariate(1.0)
        local_s = at_s + CHINA_OFFSET_S
        for _ in range(24 * 14):
            day, second = divmod(local_s, _DAY_S)
            if day != self._day:
                self._day, self._factor = int(day), _day_factor(int(day))
            rate = self._rates[int(second) // _HOUR_S] * self._factor
            hour_ends_s = (second // _HOUR_S + 1) * _HOUR_S + day * _DAY_S
            span = self._hours.span(local_s - CHINA_OFFSET_S)
            opens_s = max(local_s, span.start_s + CHINA_OFFSET_S)
            if opens_s >= hour_ends_s:
                local_s = float(hour_ends_s)
                continue
            ends_s = min(float(hour_ends_s), span.end_s + CHINA_OFFSET_S)
            gain = (ends_s - opens_s) * rate
            if gain >= need:
                return opens_s + need / rate - CHINA_OFFSET_S
            need -= gain
            local_s = ends_s
        return local_s - CHINA_OFFSET_S


def _rates_per_s(hours: PostedHours, rhythm: Rhythm, visits_per_day: float) -> list[float]:
    """Arrivals per second by local hour, so that a common open weekday has its visits."""
    shape = _HOURLY[rhythm]
    wednesday = date(2026, 3, 11)
    total = 0.0
    for start, end in hours.open_s(wednesday):
        for quarter in range(start // 900, end // 900):
            total += shape[quarter // 4 % 24] / 4
    if total == 0:
        total = sum(shape)
    return [visits_per_day * weight / total / _HOUR_S for weight in shape]


def _day_factor(day: int) -> float:
    today = _EPOCH + timedelta(days=day)
    if today in HOLIDAYS:
        return _HOLIDAY
    return _WEEKEND if today.weekday() >= 5 and today not in MAKE_UP_WORKDAYS else 1.0


def _median_stay_s(rhythm: Rhythm, at_s: float) -> float:
    if rhythm == "courses":
        return _COURSE_STAY_S
    hour = (at_s + CHINA_OFFSET_S) % _DAY_S / _HOUR_S
    return _REST_STAY_S if 13 <= hour < 15.5 else _MEDIAN_STAY_S
