"""Steps that need nobody, or a finger: every sensor answers, smoke, the contactors. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from warmstation_edge.doctor.causes import fault_of, or_fault
from warmstation_edge.doctor.step import PASSED, Finding, Seen, Step, Words, failed
from warmstation_edge.doctor.values import celsius, charger, level, shown, watts
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile
from warmstation_edge.wiring import sensor_names

Value = Callable[[Measurement], float | None]
Judge = Callable[[Seen], Finding | None]
FOLLOWS_S = 3.0
"""A contactor has two seconds to follow; later it is a fault."""
_OPEN = frozenset({"inoperative"})
_CLOSED = frozenset({"available", "charging"})
SETTLE_S = 20.0
"""After it every slow sensor has been read: probes 750 ms, meters and scales every few seconds."""
QUICK_S = 3.0
"""Where there are only contacts and beams; and for each sensor alone, once all have been read."""
_TEST = Words(
    "请按下烟感的测试键，直到报警，再等它复位",
    "Press the smoke detector's test key until it\
 alarms, and wait until it is silent",
)
_NO_SMOKE = Words(
    "烟感没有动作：继电器未接，或接成常开",
    "the detector never spoke: its relay is not wired, or wired normally open",
)
_NAMED_BELOW = Words("有传感器没有读数：原因见下面各项", "some give no value: each is named below")
_CONTACTOR = Words(
    "接触器不跟随：线圈、驱动或辅助触点",
    "the contactor did not follow: coil, driver or auxiliary contact",
)


def answers(profile: Profile) -> Iterator[Step]:
    """Every sensor gives a value, before anybody is asked to do anything; first all at a glance."""
    scales = {one.item for one in profile.supplies if one.scale_channel is not None}
    valued = {name: value for name, value in _valued(profile) if name not in scales}
    judges = {
        name: partial(_answers, name, name in scales, valued.get(name))
        for name in sensor_names(profile)
    }
    live = partial(_all_told, judges)
    slow = (profile.one_wire, profile.i2c, profile.modbus, profile.chargers, profile.supplies)
    settles_s = SETTLE_S if any(slow) else QUICK_S
    all_answer = partial(_all_answer, judges, settles_s)
    yield Step("sensors", all_answer, _unsettled, live, None, settles_s + 10)
    for name, judge in judges.items():
        cause = partial(_why_silent, name)
        yield Step(f"{name}.answers", judge, cause, partial(_state, name), None, QUICK_S)


def _valued(profile: Profile) -> Iterator[tuple[str, Value]]:
    """Sensors that owe a number from the start; others may be silent for good reason, as pulses of
    a heater that is off."""
    for name in ("room", "outlet", "outdoor"):
        yield name, partial(celsius, probe=name)
    for one in profile.chargers:
        yield one.id, partial(watts, name=one.id)
        yield f"{one.id}.probe", partial(celsius, probe=f"{one.id}.probe")
    for shelf in profile.supplies:
        yield shelf.item, partial(level, item=shelf.item)


def smoke(profile: Profile) -> Iterator[Step]:
    """The smoke contact."""
    if profile.smoke is not None:
        cause = partial(_why, "smoke", _NO_SMOKE)
        yield Step("smoke", _alarms, cause, _smoke, _TEST, 90.0)


def contactors(profile: Profile, drive: Callable[[str, bool], object]) -> Iterator[Step]:
    """Each contactor opened and closed; `drive` is the station's, and needs nobody."""
    for point in profile.chargers:
        if point.kind == "ebike":
            name = point.id
            judge, live = partial(_follows, name), partial(_state_of, name)
            act = partial(_drive, name, drive)
            cause = partial(_why, name, _CONTACTOR)
            yield Step(f"{name}.contactor", judge, cause, live, None, 60.0, act)


def _all_answer(judges: Mapping[str, Judge], settles_s: float, seen: Seen) -> Finding | None:
    """Judged once everything has been read: one that is silent then is a fault, not a pass."""
    if seen[-1].uptime_s - seen[0].uptime_s < settles_s:
        return None
    return failed(_NAMED_BELOW) if _silent(judges, seen[-1]) else PASSED


def _silent(judges: Mapping[str, Judge], measured: Measurement) -> list[str]:
    return [name for name, judge in judges.items() if judge([measured]) != PASSED]


def _all_told(judges: Mapping[str, Judge], measured: Measurement) -> str:
    names = _silent(judges, measured)
    return "?: " + " ".join(names) if names else "ok"


def _unsettled(seen: Seen) -> Words:
    return Words("采样没有进行", "nothing is sampled")


def _answers(name: str, is_scale: bool, value: Value | None, seen: Seen) -> Finding | None:
    """Of a scale that nobody has calibrated yet no sensible value is asked, only counts."""
    cause = fault_of(seen[-1], name)
    if is_scale and name in (seen[-1].raw or {}):
        return PASSED
    if cause is not None:
        return failed(cause)
    return PASSED if value is None or value(seen[-1]) is not None else None


def _alarms(seen: Seen) -> Finding | None:
    told = [one.safety.smoke for one in seen if one.safety is not None]
    return PASSED if True in told and told[-1] is False else None


def _follows(name: str, seen: Seen) -> Finding | None:
    if f"{name}.contactor" in {fault.sensor for fault in seen[-1].faults or ()}:
        return failed(or_fault(seen[-1], f"{name}.contactor", _CONTACTOR))
    opened_at = _held_at(name, _OPEN, seen)
    if opened_at is None:
        return None
    later = [one for one in seen if one.uptime_s > opened_at]
    return PASSED if later and _held_at(name, _CLOSED, later) is not None else None


def _held_at(name: str, states: frozenset[str], seen: Seen) -> float | None:
    """When the point had been in such a state for as long as its contactor may take to answer."""
    since: float | None = None
    for measured in seen:
        if _state_of(name, measured) not in states:
            since = None
        elif since is None:
            since = measured.uptime_s
        elif measured.uptime_s - since >= FOLLOWS_S:
            return measured.uptime_s
    return None


def _drive(name: str, drive: Callable[[str, bool], object], seen: Seen) -> None:
    """Open, and close again once it has stayed open."""
    drive(name, _held_at(name, _OPEN, seen) is not None)


def _state_of(name: str, measured: Measurement) -> str:
    found = charger(measured, name)
    return found.state if found else "?"


def _why_silent(name: str, seen: Seen) -> Words:
    return or_fault(seen[-1], name, Words("没有读数", "no value"))


def _why(name: str, otherwise: Words, seen: Seen) -> Words:
    return or_fault(seen[-1], name, otherwise) if name else otherwise


def _state(name: str, measured: Measurement) -> str:
    return "ok" if fault_of(measured, name) is None else "?"


def _smoke(measured: Measurement) -> str:
    return shown(measured.safety.smoke if measured.safety else None)
