"""Outdoor temperature of a city in winter: a daily wave and slow noise, the same for all stations.

A pure function of time and seed, so that history, live stations and restarts see one weather.
It is always winter here, whatever the date: the demo shows the season that stations are for.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

CHINA_OFFSET_S = 8 * 3600
"""All sites keep China Standard Time, which has had no daylight saving since 1991."""

_WARMEST_HOUR = 14.5
_MEMORY = 0.97
_MEMORY_HOURS = 96
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Climate:
    """A city's winter: daily mean in °C, half the daily swing and spread of the noise in K."""

    mean_c: float
    swing_k: float = 4.0
    noise_k: float = 2.0


class Weather:
    """Outdoor temperature over time; hourly AR(1) noise, straight lines between the hours."""

    def __init__(self, climate: Climate, seed: str) -> None:
        self._climate = climate
        self._seed = seed
        self._shocks: dict[int, float] = {}
        self._noise: dict[int, float] = {}
        self._hour = -1
        self._between = (0.0, 0.0)
        self._known: dict[float, float] = {}

    def outdoor_c(self, at_s: float) -> float:
        """Outdoor temperature in °C at a POSIX time; all stations of a city ask for the same."""
        known = self._known.get(at_s)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[at_s] = self._outdoor_c(at_s)
        return known

    def _outdoor_c(self, at_s: float) -> float:
        hours = at_s / 3600
        hour = math.floor(hours)
        share = hours - hour
        if hour != self._hour:
            self._hour, self._between = hour, (self._noise_k(hour), self._noise_k(hour + 1))
        before, after = self._between
        noise = before * (1 - share) + after * share
        local_h = (at_s + CHINA_OFFSET_S) / 3600
        wave = math.cos((local_h - _WARMEST_HOUR) * (math.pi / 12))
        return self._climate.mean_c + self._climate.swing_k * wave + noise

    def _noise_k(self, hour: int) -> float:
        """AR(1) at a whole hour, as the weighted sum of its last shocks: needs no past state."""
        known = self._noise.get(hour)
        if known is None:
            total, weight = 0.0, 1.0
            for back in range(_MEMORY_HOURS):
                total += weight * self._shock(hour - back)
                weight *= _MEMORY
            known = self._climate.noise_k * math.sqrt(1 - _MEMORY**2) * total
            self._noise[hour] = known
        return known

    def _shock(self, hour: int) -> float:
        known = self._shocks.get(hour)
        if known is None:
            known = random.Random(f"{self._seed}/{hour}").gauss(0, 1)  # noqa: S311 - a simulation
            self._shocks[hour] = known
        return known
