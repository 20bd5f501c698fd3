"""Whether the heating does what it should: as one report tells, and the alerts that stand. Pure.

Causes and durations are the business of diagnosis: what it found is told by alerts.
"""

from __future__ import annotations

from collections.abc import Set

from warmstation_server.history.said import Climate
from warmstation_wire.status import HeatingState

WARM_WITHIN_K = 2.0
"""A room this close below its target is warm: thermostats swing by about a kelvin either side."""
IDLE_W = 50.0
"""A heater that is on and draws less than this runs its electronics and fan at most."""
DELIVERS_K = 3.0
"""Air from a heater that works leaves it at least this much warmer than the room."""

_NONE: frozenset[str] = frozenset()
_DEAD, _WEAK = "heating.no_heat", "heating.weak_heat"
_BLIND = frozenset({"heating.sensor_stuck", "heating.sensor_fault"})
SPEAKS_AGAINST = _BLIND | {_DEAD, _WEAK}
"""Alerts by which the state is not what the last report alone would say."""


def room_c(climate: Climate | None, against: Set[str] = _NONE) -> float | None:
    """The room's temperature; unknown where an alert says that its sensor stands still or lies."""
    return None if climate is None or against & _BLIND else climate.room_c


def heating_state(
    climate: Climate | None, target_c: float, against: Set[str] = _NONE
) -> HeatingState:
    """`ok`: the room is warm. In a cold room: `off` when the heater is switched off, `fault` when
    it is on but draws no power or (where power is not metered) blows no warm air, `warming_up`
    when it is on and nothing speaks against it, `unknown` when nobody knows whether it is on.

    `against`: names of the station's open alerts. Of a heater that was found dead it is `fault`
    while the room is warm still, of one that was found weak in a cold room.
    """
    if climate is None:
        return "unknown"
    if _DEAD in against:
        return "fault"
    room = room_c(climate, against)
    if room is None:
        return "off" if climate.heating == "off" else "unknown"
    target_c = target_c if climate.setpoint_c is None else climate.setpoint_c
    if room >= target_c - WARM_WITHIN_K:
        return "ok"
    if climate.heating != "on":
        return "off" if climate.heating == "off" else "unknown"
    return "fault" if _WEAK in against or _gives_no_heat(climate, room) else "warming_up"


def _gives_no_heat(climate: Climate, room_c: float) -> bool:
    if climate.heater_w is not None:
        return climate.heater_w < IDLE_W
    return climate.outlet_c is not None and climate.outlet_c < room_c + DELIVERS_K
