"""What may be wrong in the bench's world, and what only looks so."""

from __future__ import annotations

import random
from dataclasses import dataclass

_FELT_A_DAY = 1.0 / 20.0


@dataclass
class Trouble:
    """What is broken now; each field is the world's own, none is the detector's."""

    heat_share: float = 1.0
    power_share: float = 1.0
    stuck_on: bool = False
    door_share: float = 0.0
    frozen: bool = False
    disconnected: bool = False
    moved_k: float = 0.0
    moved_tau: float = 1.0
    detached: bool = False
    setpoint_k: float = 0.0
    closed: bool = False
    dead: bool = False
    overheat: float = 1.0


@dataclass
class Nuisance:
    """What riders and the sun do that is no fault: extra watts, warm sensor, held door, a heater
    that somebody has put elsewhere (its warmth reaches the room sensor more or less)."""

    plugged_w: float = 0.0
    plugged_left_min: float = 0.0
    sun_k: float = 0.0
    sun_left_min: float = 0.0
    held_left_min: float = 0.0
    held_share: float = 0.0
    heater_felt: float = 0.0
    kettle_w: float = 0.0

    def advance(
        self, minutes: float, rng: random.Random, *, sun_w_m2: float, is_open: bool
    ) -> None:
        """A harsh world's next minute."""
        self.plugged_left_min -= minutes
        self.sun_left_min -= minutes
        self.held_left_min -= minutes
        a_day = minutes / 1440.0
        if self.plugged_left_min <= 0.0:
            self.plugged_w = 0.0
            if is_open and rng.random() < 0.2 * a_day:
                self.plugged_w, self.plugged_left_min = rng.uniform(600, 2000), rng.uniform(30, 240)
        if self.sun_left_min <= 0.0:
            self.sun_k = 0.0
            if sun_w_m2 > 150.0 and rng.random() < 0.5 * a_day:
                self.sun_k, self.sun_left_min = rng.uniform(1.0, 4.0), rng.uniform(20, 90)
        if self.held_left_min <= 0.0:
            self.held_share = 0.0
            if is_open and rng.random() < 0.15 * a_day:
                self.held_share, self.held_left_min = rng.uniform(0.2, 0.8), rng.uniform(5, 12)
        if is_open and rng.random() < _FELT_A_DAY * a_day:
            self.heater_felt = rng.uniform(0.0, 0.06)

    def boil(self, watts: float, minutes: float, rng: random.Random, *, is_open: bool) -> None:
        """Kettle, microwave, water dispenser: minutes at a time, many times a day."""
        if self.kettle_w > 0.0:
            self.kettle_w = 0.0 if rng.random() < minutes / 6.0 else self.kettle_w
        elif is_open and rng.random() < minutes / 60.0:
            self.kettle_w = watts
