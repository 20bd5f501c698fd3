"""A heater with its own thermostat: what it draws, what it gives, how hot it blows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

HeaterKind = Literal["electric", "heat_pump", "radiator"]

FROST_GUARD_C = 10.0
"""What a closed station is kept at: above the 8 °C below which a server warns of its pipes."""

_BAND_K = 0.5
_OUTLET_LAG_S = 100.0
_WEAK_SHARE = 0.3
_PUMP_W = 45.0
"""A water radiator draws only its circulation pump from the mains."""

_RISE_K: dict[HeaterKind, float] = {"electric": 27.0, "heat_pump": 20.0, "radiator": 30.0}


@dataclass(frozen=True, slots=True)
class HeaterPlan:
    """A heater as bought: `heat_w` is what it gives to the room at most."""

    kind: HeaterKind = "electric"
    heat_w: float = 3000.0


@dataclass(slots=True)
class Heater:
    """`is_calling`: the thermostat calls for heat; with a fault the heater may not obey."""

    plan: HeaterPlan
    outlet_c: float
    is_calling: bool = False
    is_dead: bool = False
    is_weak: bool = False
    is_stuck_on: bool = False

    def decide(self, room_c: float, setpoint_c: float) -> None:
        """Let the thermostat look once: on below the band, off above it."""
        if room_c <= setpoint_c - _BAND_K:
            self.is_calling = True
        elif room_c >= setpoint_c + _BAND_K:
            self.is_calling = False

    def switches_at_c(self, setpoint_c: float) -> float:
        """The room temperature at which the thermostat next changes its mind."""
        return setpoint_c + (_BAND_K if self.is_calling else -_BAND_K)

    @property
    def share(self) -> float:
        """How much of its full heat it gives now, 0..1."""
        if self.is_dead or not (self.is_calling or self.is_stuck_on):
            return 0.0
        return _WEAK_SHARE if self.is_weak else 1.0

    @property
    def heat_w(self) -> float:
        """Heat given to the room now, in W."""
        return self.share * self.plan.heat_w

    def power_w(self, outdoor_c: float) -> float:
        """Electric power drawn now, in W: all of it becomes heat, a heat pump adds outdoor heat."""
        if self.share == 0.0:
            return 0.0
        if self.plan.kind == "radiator":
            return _PUMP_W
        if self.plan.kind == "heat_pump":
            return self.heat_w / _performance(outdoor_c)
        return self.heat_w

    def blow(self, dt_s: float, room_c: float) -> None:
        """Let the outlet follow the heat, with its lag."""
        goal_c = room_c + _RISE_K[self.plan.kind] * self.share
        self.outlet_c = goal_c + (self.outlet_c - goal_c) * math.exp(-dt_s / _OUTLET_LAG_S)


def _performance(outdoor_c: float) -> float:
    """Coefficient of performance of an air heat pump: about 2.8 at 7 °C, less when colder."""
    return min(4.0, max(1.6, 2.4 + 0.06 * outdoor_c))
