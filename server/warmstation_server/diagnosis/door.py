"""The door by its counter: how busy this hour usually is, and how long it has been silent."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.sample import Minute

_RATE = 0.12  # an hour's profile follows about a week of days
_ASKED_NATS = 5.0
_A_VISIT = 2.0  # passages: who comes in goes out
_EMPTY = 4.0  # passages that were to be expected: whoever was in has gone by then
_PRIOR, _MEMORY, _MOST_VISITS = 10.0, 300.0, 6.0


@dataclass(slots=True)
class Door:
    """Passages by hour of the day.

    `hourly`: usual passages a minute by hour. `missed`: passages that were to be expected since
    the last one, by a rate that is itself known from so many days only. Passages come together
    (in and out, friends, a lunch hour): `per_visit` of them, which is how much longer than a
    visit's the silences have lasted that lasted so long (`outlasted` of them); for what comes
    by Poisson's law one by one it is 1. `was_open`: in the minute before. `longest`: the
    largest silence, in nats, that ended by itself.
    """

    hourly: list[float] = field(default_factory=lambda: [0.0] * 24)
    hours: float = 0.0
    hour: int = -1
    hour_count: float = 0.0
    hour_min: float = 0.0
    missed: float = 0.0
    per_visit: float = _A_VISIT
    outlasted: float = _PRIOR
    longest: float = 0.0
    last_at_s: float | None = None
    seen: float = 0.0
    was_open: bool = False

    def after(self, minute: Minute, hour_of_day: float) -> bool:
        """Counts a minute; a minute without a count changes nothing. Whether it is the first after
        a day on which nobody came."""
        if minute.doors is None or minute.is_gap:
            return False
        hour = int(hour_of_day)
        if hour != self.hour:
            self._close_hour()
            self.hour = hour
        is_new = minute.is_open and not self.was_open and self.is_silent(_ASKED_NATS)
        if is_new:
            self.missed = 0.0  # of a day that was closed the next knows nothing
        self.was_open = minute.is_open
        self.hour_count += minute.doors
        self.hour_min += minute.length_min
        if minute.doors > 0.0:
            self._passed(minute)
        elif minute.is_open:
            length = min(minute.length_min, 5.0)
            known_min = 60.0 * min(1.0 + self.hours // 24.0, 1.0 / _RATE)
            silent_min = min(self.hour_min, (minute.at_s - (self.last_at_s or 0.0)) / 60.0)
            self.missed += self.hourly[hour] * length / (1.0 + silent_min / known_min)
        return is_new

    @property
    def silence(self) -> float:
        """The chance of so long a silence is exp(-this)."""
        return self.missed / self.per_visit

    @property
    def is_known(self) -> bool:
        """Whether the counter has ever counted and a day's profile is there."""
        return self.seen > 30.0

    def is_silent(self, nats: float) -> bool:
        """Whether the silence is less likely than exp(-nats) by the station's own habit."""
        return self.is_known and self.silence > max(nats, 1.5 * self.longest)

    def _passed(self, minute: Minute) -> None:
        self.seen += minute.doors or 0.0
        self.longest = max(self.longest * 0.9999, min(self.silence, 30.0))
        if self.missed > _EMPTY and self.is_known:
            self.outlasted = min(self.outlasted + 1.0, _MEMORY)
            longer = min(self.missed - _EMPTY, _MOST_VISITS * self.per_visit)
            self.per_visit += (longer - self.per_visit) / self.outlasted
        self.missed = 0.0
        self.last_at_s = minute.at_s

    def _close_hour(self) -> None:
        if self.hour >= 0 and self.hour_min > 30.0:
            self.hours += 1.0
            rate = max(_RATE, 1.0 / (1.0 + self.hours // 24.0))
            mean = self.hour_count / self.hour_min
            self.hourly[self.hour] += rate * (mean - self.hourly[self.hour])
        self.hour_count = self.hour_min = 0.0
