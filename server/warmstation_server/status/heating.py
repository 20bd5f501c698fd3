"""Whether the heating does what it should, as far as one report tells. Pure.

The first simple answer; causes and durations are the business of diagnosis.
"""

from __future__ import annotations

from warmstation_server.history.said import Climate
from warmstation_wire.status import HeatingState

WARM_WITHIN_K = 2.0
"""A room this close below its target is warm: thermostats swing by about a kelvin either side."""
IDLE_W = 50.0
"""A heater that is on and draws less than this runs its electronics and fan at most."""
DELIVERS_K = 3.0
"""Air from a heater that works leaves it at least this much warmer than the room."""


def heating_state(climate: Climate | None, target_c: float) -> HeatingState:
    """`ok`: the room is warm. In a cold room: `off` when the heater is switched off, `fault` when
    it is on but draws no power or (where power is not metered) blows no warm air, `warming_up`
    when it is on and nothing speaks against it, `unknown` when nobody knows whether it is on.
    """
    if climate is None or climate.room_c is None:
        return "off" if climate is not None and climate.heating == "off" else "unknown"
    target_c = target_c if climate.setpoint_c is None else climate.setpoint_c
    if climate.room_c >= target_c - WARM_WITHIN_K:
        return "ok"
    if climate.heating != "on":
        return "off" if climate.heating == "off" else "unknown"
    return "fault" if _gives_no_heat(climate, climate.room_c) else "warming_up"


def _gives_no_heat(climate: Climate, room_c: float) -> bool:
    if climate.heater_w is not None:
        return climate.heater_w < IDLE_W
    return climate.outlet_c is not None and climate.outlet_c < room_c + DELIVERS_K
