"""Faults by name and time: `STATION:FAULT[=PART][@START][/DURATION]`.

    ks-songnan:heater_dead@+120s/10m     from two minutes after the start, for ten minutes
    ks-tinglin:sensor_85=outlet          from the start, for good
    xf-*:network_cut@+1m/1h              all stations of one fleet
    ks-yucheng:power_cut@-2d             since two days before the start

START and DURATION are numbers with s, m, h or d. PART says which sensor, beam or point; where it
is left out, the first that fits is meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from warmstation_edge.simulator.errors import BadFault

USAGE = "STATION:FAULT[=PART][@START][/DURATION], such as ks-songnan:heater_dead@+120s/10m"


class FaultName(StrEnum):
    """What can go wrong: in the world, at the pins, or with the station's computer."""

    HEATER_DEAD = "heater_dead"
    HEATER_WEAK = "heater_weak"
    HEATER_STUCK_ON = "heater_stuck_on"
    DOOR_HELD_OPEN = "door_held_open"
    LOCKED = "locked"
    WATER_EMPTY = "water_empty"
    SOCKET_DEAD = "socket_dead"
    EBIKE_OVERHEAT = "ebike_overheat"
    SMOKE = "smoke"
    SENSOR_STUCK = "sensor_stuck"
    SENSOR_DISCONNECTED = "sensor_disconnected"
    SENSOR_85 = "sensor_85"
    BEAM_BLOCKED = "beam_blocked"
    POWER_CUT = "power_cut"
    NETWORK_CUT = "network_cut"
    CLOCK_1970 = "clock_1970"


_FORM = re.compile(
    r"(?P<station>[a-z0-9*?-]+):(?P<name>[a-z0-9_]+)(?:=(?P<part>[a-z0-9_.-]+))?"
    r"(?:@(?P<start>[^/]+))?(?:/(?P<lasts>.+))?",
    re.ASCII,
)
_TIME = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?)([smhd])", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault with its window [start, end) in seconds; `part` where it matters which."""

    name: FaultName
    start_s: float = 0.0
    end_s: float = math.inf
    part: str | None = None

    def after(self, moment_s: float) -> Fault:
        """The same fault with its window counted from a moment, in POSIX seconds."""
        return replace(self, start_s=moment_s + self.start_s, end_s=moment_s + self.end_s)

    def holds(self, at_s: float) -> bool:
        """Whether the fault is there at this moment."""
        return self.start_s <= at_s < self.end_s


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """A fault for the stations whose ids fit a pattern, its window relative to the start."""

    stations: str
    fault: Fault

    def is_for(self, station_id: str) -> bool:
        """Whether this station is meant (`*` and `?` as in file names)."""
        return fnmatchcase(station_id, self.stations)


def parse(text: str) -> FaultOrder:
    """Read an order; BadFault says what is wrong with it."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadFault(f"fault {text!r} is not of the form {USAGE}")
    return FaultOrder(found["station"], _fault(found, text))


def of_station(text: str) -> Fault:
    """Read a standing fault of a fleet file, which names no station."""
    return parse(f"*:{text}").fault


class FaultPlan:
    """All faults of one station over time; asking is cheap while nothing changes."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._from_s = math.inf
        self._until_s = -math.inf
        self._active: Mapping[FaultName, str | None] = {}

    def active(self, at_s: float) -> Mapping[FaultName, str | None]:
        """Faults at this moment, each with its part."""
        if not self._from_s <= at_s < self._until_s:
            edges = [edge for fault in self._faults for edge in (fault.start_s, fault.end_s)]
            self._from_s = max((edge for edge in edges if edge <= at_s), default=-math.inf)
            self._until_s = min((edge for edge in edges if edge > at_s), default=math.inf)
            self._active = {fault.name: fault.part for fault in self._faults if fault.holds(at_s)}
        return self._active


def _fault(found: re.Match[str], text: str) -> Fault:
    try:
        name = FaultName(found["name"])
    except ValueError:
        allowed = ", ".join(FaultName)
        raise BadFault(f"fault {text!r}: {found['name']!r} is none of {allowed}") from None
    start_s = _seconds(found["start"], text) if found["start"] else 0.0
    lasts_s = _seconds(found["lasts"], text) if found["lasts"] else math.inf
    if lasts_s <= 0:
        raise BadFault(f"fault {text!r}: the duration must be more than nothing")
    return Fault(name, start_s, start_s + lasts_s, found["part"])


def _seconds(text: str, whole: str) -> float:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise BadFault(f"fault {whole!r}: {text!r} is no time such as 90s, +10m, -2h or 1d")
    return float(found[1] + found[2]) * _UNIT_S[found[3]]
