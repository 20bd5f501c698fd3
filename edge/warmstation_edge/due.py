"""Whether a report is due, and why. Pure; `agent` asks each turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from warmstation_edge.measurement import Measurement
from warmstation_wire import Climate

ROOM_STEP_C = 0.3
OUTDOOR_STEP_C = 0.5
OUTLET_STEP_C = 3.0
"""An outlet swings by tens of degrees each time the thermostat switches; `heating` tells that."""
HUMIDITY_STEP_PCT = 5.0
HEATER_STEP_W = 300.0
LEVEL_STEP = 0.02

_DANGERS = {"overheat", "overcurrent", "too_long", "blind", "welded"}
_COUNTS = ("inside", "entered", "left", "present")


class Why(StrEnum):
    """Why a report goes out."""

    FIRST = "first"
    URGENT = "urgent"
    CHANGED = "changed"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class Intervals:
    """Longest silence, and shortest time between two reports on change, in seconds."""

    report_s: float = 60.0
    debounce_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Reported:
    """The last report's measurement and when it went, in monotonic seconds."""

    measurement: Measurement
    at: float


@dataclass(frozen=True, slots=True)
class Due:
    """A report is due: why, and what has changed or is dangerous."""

    why: Why
    what: tuple[str, ...] = ()

    @property
    def is_urgent(self) -> bool:
        """Whether it has to be on the card before anything else happens."""
        return self.why is Why.URGENT


def report_due(
    last: Reported | None, current: Measurement, now: float, intervals: Intervals
) -> Due | None:
    """Why a report is due at `now`; None where it is not."""
    before = set(dangers(last.measurement)) if last else set()
    new_dangers = tuple(danger for danger in dangers(current) if danger not in before)
    if new_dangers:
        return Due(Why.URGENT, new_dangers)
    if last is None:
        return Due(Why.FIRST)
    age_s = now - last.at
    if age_s >= intervals.report_s:
        return Due(Why.HEARTBEAT)
    if age_s >= intervals.debounce_s:
        changed = tuple(changes(last.measurement, current))
        return Due(Why.CHANGED, changed) if changed else None
    return None


def dangers(measurement: Measurement) -> Iterator[str]:
    """What people must hear of at once: smoke, a contactor that fails, overheat, overcurrent."""
    safety = measurement.safety
    if safety is not None and safety.smoke:
        yield "safety.smoke"
    if safety is not None and safety.contactor == "fault":
        yield "safety.contactor"
    for fault in measurement.faults or ():
        if fault.reason in _DANGERS:
            yield f"faults.{fault.sensor}.{fault.reason}"


def changes(last: Measurement, current: Measurement) -> Iterator[str]:
    """What differs so much that it is worth a report of its own."""
    yield from _differing("people", last.people, current.people, _COUNTS)
    yield from _differing("door", last.door, current.door, ("open",))
    yield from _climate(last.climate, current.climate)
    yield from _differing("safety", last.safety, current.safety, ("smoke", "contactor"))
    if current.people is not None and current.people.zeroed is not None:
        yield "people.zeroed"
    if last.chargers is not current.chargers:
        yield from _differing_keys("chargers", _states(last), _states(current))
    if last.supplies is not current.supplies:
        before, now = _levels(last), _levels(current)
        for item in sorted(before.keys() | now.keys()):
            if _moved(before.get(item), now.get(item), LEVEL_STEP):
                yield f"supplies.{item}"
    if last.faults is not current.faults:
        yield from _differing_keys("faults", _reasons(last), _reasons(current))


def _climate(last: Climate | None, current: Climate | None) -> Iterator[str]:
    if last is current:
        return
    yield from _differing("climate", last, current, ("heating", "setpoint_c"))
    for name, step in _STEPS.items():
        if _moved(getattr(last, name, None), getattr(current, name, None), step):
            yield f"climate.{name}"


_STEPS = {
    "room_c": ROOM_STEP_C,
    "outdoor_c": OUTDOOR_STEP_C,
    "outlet_c": OUTLET_STEP_C,
    "humidity_pct": HUMIDITY_STEP_PCT,
    "heater_w": HEATER_STEP_W,
}


def _differing(part: str, last: object, current: object, names: tuple[str, ...]) -> Iterator[str]:
    if last is not current:
        for name in names:
            if getattr(last, name, None) != getattr(current, name, None):
                yield f"{part}.{name}"


def _differing_keys(
    part: str, last: Mapping[str, str], current: Mapping[str, str]
) -> Iterator[str]:
    for key in sorted(last.keys() | current.keys()):
        if last.get(key) != current.get(key):
            yield f"{part}.{key}"


def _moved(last: float | None, current: float | None, step: float) -> bool:
    if last is None or current is None:
        return last is not current
    return round(abs(current - last), 6) >= step


def _states(measurement: Measurement) -> dict[str, str]:
    return {charger.id: charger.state for charger in measurement.chargers or ()}


def _levels(measurement: Measurement) -> dict[str, float | None]:
    return {supply.item: supply.level for supply in measurement.supplies or ()}


def _reasons(measurement: Measurement) -> dict[str, str]:
    return {f"{fault.sensor}.{fault.reason}": "" for fault in measurement.faults or ()}
