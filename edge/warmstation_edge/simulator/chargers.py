"""Sockets and e-bike points: batteries that take constant power, taper, and are full."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

ChargerKind = Literal["phone", "ebike"]

_KNEE = 0.8
_TRICKLE_SHARE = 0.015
_FULL = 0.995
_PROBE_LAG_S = 420.0
_LOAD_RISE_K = 14.0
_OVERHEAT_LAG_S = 150.0
_OVERHEAT_C = 88.0


@dataclass(slots=True)
class Battery:
    """What hangs on a charger: energy in Wh, the most it takes in W, when it is unplugged."""

    capacity_wh: float
    stored_wh: float
    max_w: float
    until_s: float

    @property
    def power_w(self) -> float:
        """Constant to 80 %, falling in a straight line over charge from there, a trickle at last.

        The shape of CC-CV charging, see for example Battery University BU-409.
        """
        filled = self.stored_wh / self.capacity_wh
        if filled <= _KNEE:
            return self.max_w
        if filled >= _FULL:
            return self.max_w * _TRICKLE_SHARE
        return self.max_w * (1 - filled) / (1 - _KNEE)

    def charge(self, dt_s: float) -> float:
        """Energy taken in this time, in Wh; exact for each part of the curve."""
        before = self.stored_wh
        hours = dt_s / 3600
        knee_wh = _KNEE * self.capacity_wh
        if before < knee_wh:
            steady = min(hours, (knee_wh - before) / self.max_w)
            self.stored_wh += steady * self.max_w
            hours -= steady
        if hours > 0:
            gap_wh = self.capacity_wh - self.stored_wh
            decay_h = (1 - _KNEE) * self.capacity_wh / self.max_w
            self.stored_wh = self.capacity_wh - gap_wh * math.exp(-hours / decay_h)
        return self.stored_wh - before


class ChargingPoint:
    """One socket or point, whose contactor (if it has one) someone else switches."""

    def __init__(self, point_id: str, kind: ChargerKind, probe_c: float) -> None:
        self.id = point_id
        self.kind = kind
        self.battery: Battery | None = None
        self.energy_wh = 0.0
        self.probe_c = probe_c
        self.is_closed = True
        self.is_dead = False
        self.is_overheating = False

    @property
    def is_free(self) -> bool:
        """Whether somebody could plug in and would get power."""
        return self.battery is None and not self.is_dead and self.is_closed

    @property
    def power_w(self) -> float:
        """Electric power flowing now, in W."""
        if self.battery is None or self.is_dead or not self.is_closed:
            return 0.0
        return self.battery.power_w

    def advance(self, dt_s: float, at_s: float, outdoor_c: float) -> None:
        """Charge what hangs here, unplug it when its time is up, let the probe follow."""
        power_w = self.power_w
        if self.battery is not None:
            if power_w > 0:
                self.energy_wh += self.battery.charge(dt_s)
            if at_s >= self.battery.until_s:
                self.battery = None
        if self.kind == "ebike":
            self._warm(dt_s, power_w, outdoor_c)

    def rest(self, dt_s: float, outdoor_c: float) -> None:
        """Nothing hangs on this e-bike point; its probe goes on all the same."""
        if self.is_overheating:
            self._warm(dt_s, 0.0, outdoor_c)
        else:
            self.probe_c = outdoor_c + (self.probe_c - outdoor_c) * _fading(dt_s / _PROBE_LAG_S)

    def _warm(self, dt_s: float, power_w: float, outdoor_c: float) -> None:
        """A bad contact heats only while the contactor lets current through."""
        if self.is_overheating and self.is_closed:
            goal_c, lag_s = _OVERHEAT_C, _OVERHEAT_LAG_S
        else:
            goal_c, lag_s = outdoor_c + _LOAD_RISE_K * min(1.0, power_w / 240), _PROBE_LAG_S
        self.probe_c = goal_c + (self.probe_c - goal_c) * _fading(dt_s / lag_s)


@lru_cache(maxsize=64)
def _fading(share: float) -> float:
    """Steps are mostly of one length, and there are many points."""
    return math.exp(-share)
