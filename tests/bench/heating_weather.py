"""The bench's winter weather."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass
class Weather:
    """Outdoor temperature: slow season, fronts of days, cold snaps, day and night."""

    mean_c: float
    swing_k: float
    front_k: float = 0.0
    snap_k: float = 0.0
    snap_left_h: float = 0.0
    cloud: float = 0.5
    wind: float = 0.0
    hour: int = -1
    now_c: float = 0.0

    def at(self, t_s: float, rng: random.Random) -> float:
        """°C at a time; hourly steps are smoothed."""
        hour = int(t_s // 3600)
        if hour != self.hour:
            self.hour = hour
            self.front_k += -self.front_k / 70.0 + rng.gauss(0.0, 0.55)
            if self.snap_left_h <= 0 and rng.random() < 1.0 / (24 * 14):
                self.snap_left_h = rng.uniform(30, 90)
            self.snap_left_h -= 1
            goal = -rng.uniform(6.0, 11.0) if self.snap_left_h > 0 else 0.0
            self.snap_k += (goal - self.snap_k) * 0.12
            self.cloud = min(1.0, max(0.0, self.cloud + rng.gauss(0, 0.12)))
        day = t_s / 86400.0
        season = -4.0 * math.sin(math.pi * min(120.0, day) / 120.0)
        sun = math.cos(2 * math.pi * (t_s / 3600.0 - 14.5) / 24.0) * self.swing_k
        goal = self.mean_c + season + self.front_k + self.snap_k + sun * (1.2 - 0.7 * self.cloud)
        self.now_c = goal if self.now_c == 0.0 else self.now_c + (goal - self.now_c) * 0.03
        return self.now_c

    def blow(self, strength: float, rng: random.Random) -> float:
        """Wind of a minute in spells of hours, 0 and up; around `strength`."""
        self.wind += 0.005 * (strength - self.wind) + 0.06 * strength * rng.gauss(0.0, 1.0)
        self.wind = max(0.0, self.wind)
        return self.wind

    def sun_w_m2(self, t_s: float) -> float:
        """Through a window."""
        hour = (t_s / 3600.0) % 24.0
        if not 8.0 < hour < 17.0:
            return 0.0
        return 350.0 * math.sin(math.pi * (hour - 8.0) / 9.0) * (1.0 - 0.85 * self.cloud)
