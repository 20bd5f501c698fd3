"""The bench's heater and its own thermostat: call, output, warmth at the outlet, draw."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.bench.heating_building import Building
from tests.bench.heating_trouble import Trouble


@dataclass
class Heater:
    """An electric heater, an inverter heat pump with defrost, or a radiator.

    `warm_k`: how much warmer than the room what comes out is. `share`: output asked of it.
    `outdoor_c`: set by the world before each minute.
    """

    call: float = 0.0
    share: float = 0.0
    warm_k: float = 0.0
    felt_c: float = 15.0
    since_switch_min: float = 0.0
    integral: float = 0.0
    run_min: float = 0.0
    defrost_left: float = 0.0
    since_defrost: float = 0.0
    mains: float = 1.0
    outdoor_c: float = 0.0

    def follow(
        self,
        b: Building,
        tr: Trouble,
        felt_c: float,
        at_s: float,
        minutes: float,
        rng: random.Random,
        *,
        is_open: bool,
    ) -> None:
        """The thermostat's next minute."""
        self.felt_c += (felt_c - self.felt_c) * min(1.0, minutes / b.thermostat_tau_min)
        error = b.wanted_c(at_s, tr, is_open=is_open) - (self.felt_c + b.thermostat_bias_k)
        self.since_switch_min += minutes
        half = 0.5 * b.hysteresis_k
        call = 1.0 if error > half else 0.0 if error < -half else None
        if b.pulse_min > 0.0:
            duty = 0.5 + error / (2.0 * b.hysteresis_k)
            call = 1.0 if (at_s / 60.0) % b.pulse_min < duty * b.pulse_min else 0.0
        if call is not None and call != self.call and self.since_switch_min >= 3.0:
            self.call, self.since_switch_min = call, 0.0
        self.run_min = self.run_min + minutes if self.call else 0.0
        self.mains += -(self.mains - 1.0) * 0.02 + rng.gauss(0.0, 0.003)
        runs = self.call > 0.0 or tr.stuck_on
        if tr.dead:
            runs, self.call = False, 0.0
        goal = self._share(b, tr, error, minutes) if runs else 0.0
        if tr.stuck_on and not self.call:
            goal = max(goal, 0.8)
        self.share = goal

    def delivered_w(self, b: Building, tr: Trouble, minutes: float) -> float:
        """Watts into the room; warms the outlet on the way."""
        capacity, outdoor_c = 1.0, self.outdoor_c
        if b.kind == "heatpump":
            capacity = min(1.1, max(0.5, 1.0 + 0.012 * (outdoor_c - 2.0)))
        elif b.kind == "radiator":
            capacity = min(1.2, max(0.6, 1.0 - 0.015 * outdoor_c))
        elif b.kind == "electric":
            capacity = self.mains * self.mains
        goal = self.share * capacity * tr.heat_share * b.outlet_full_k * tr.overheat
        self.warm_k += (goal - self.warm_k) * min(1.0, minutes / b.outlet_tau_min)
        return self.warm_k / b.outlet_full_k / tr.overheat * b.capacity_w

    def power_w(self, b: Building, tr: Trouble, rng: random.Random) -> float:
        """What its meter shows."""
        if tr.dead:
            return 0.0
        watts = abs(self.share) * b.capacity_w * tr.power_share
        if b.kind == "electric":
            watts *= self.mains * self.mains
        elif b.kind == "heatpump":
            watts = (0.5 if self.share < 0 else watts / b.capacity_w) * b.capacity_w / 3.0
            watts *= tr.power_share if self.share < 0 else 1.0
        else:
            watts = 45.0 * (1.0 if self.share > 0 else 0.0) * tr.power_share
        return max(0.0, watts + b.idle_w + rng.gauss(0.0, 0.004 * watts + 0.2))

    def _share(self, b: Building, tr: Trouble, error: float, minutes: float) -> float:
        if b.kind != "heatpump":
            return 1.0
        if self.run_min < b.start_delay_min and not tr.stuck_on:
            return 0.0
        self.integral = min(1.0, max(0.0, self.integral + 0.004 * error * minutes))
        share = min(1.0, max(0.25, 0.3 + 0.55 * error + self.integral))
        self.since_defrost += minutes
        if self.outdoor_c < b.defrost_below_c and self.since_defrost > b.defrost_every_min:
            self.since_defrost, self.defrost_left = 0.0, b.defrost_min
        if self.defrost_left > 0.0:
            self.defrost_left -= minutes
            return b.defrost_share
        return share
