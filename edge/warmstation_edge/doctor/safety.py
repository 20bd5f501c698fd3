"""Steps that need nobody, or a finger: every sensor answers, smoke, the contactors. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from warmstation_edge.doctor.causes import fault_of, or_fault
from warmstation_edge.doctor.step import PASSED, Finding, Seen, Step, Words, failed
from warmstation_edge.doctor.values import shown
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile
from warmstation_edge.wiring import sensor_names

SETTLE_S = 20.0
"""After it every slow sensor has been read: probes 750 ms, meters and scales every few seconds."""
_TEST = Words(
    "请按下烟感的测试键，直到报警，再等它复位",
    "Press the smoke detector's test key until it\
 alarms, and wait until it is silent",
)
_NO_SMOKE = Words(
    "烟感没有动作：继电器未接，或接成常开",
    "the detector never spoke: its relay is not wired, or wired normally open",
)
_CONTACTOR = Words(
    "接触器不跟随：线圈、驱动或辅助触点",
    "the contactor did not follow: coil, driver or auxiliary contact",
)


def answers(profile: Profile) -> Iterator[Step]:
    """Every sensor gives a value, before anybody is asked to do anything."""
    yield Step("sensors", _has_settled, _unsettled, _faults, None, SETTLE_S + 10)
    for name in sensor_names(profile):
        judge, cause = partial(_answers, name), partial(_why_silent, name)
        yield Step(f"{name}.answers", judge, cause, partial(_state, name), None, SETTLE_S)


def smoke(profile: Profile) -> Iterator[Step]:
    """The smoke contact."""
    if profile.smoke is not None:
        cause = partial(_why, "smoke", _NO_SMOKE)
        yield Step("smoke", _alarms, cause, _smoke, _TEST, 90.0)


def contactors(profile: Profile, drive: Callable[[bool], object]) -> Iterator[Step]:
    """All contactors opened and closed; `drive` is the sampler's, and needs nobody."""
    if any(one.kind == "ebike" for one in profile.chargers):
        cause, act = partial(_why, "", _CONTACTOR), partial(_drive, drive)
        yield Step("contactors", _follows, cause, _contactor, None, 40.0, act)


def _has_settled(seen: Seen) -> Finding | None:
    return PASSED if seen[-1].uptime_s - seen[0].uptime_s >= SETTLE_S else None


def _unsettled(seen: Seen) -> Words:
    return Words("采样没有进行", "nothing is sampled")


def _answers(name: str, seen: Seen) -> Finding | None:
    cause = fault_of(seen[-1], name)
    return PASSED if cause is None else failed(cause)


def _alarms(seen: Seen) -> Finding | None:
    told = [one.safety.smoke for one in seen if one.safety is not None]
    return PASSED if True in told and told[-1] is False else None


def _follows(seen: Seen) -> Finding | None:
    told = [one.safety.contactor for one in seen if one.safety is not None]
    if "fault" in told[-1:]:
        return failed(_CONTACTOR)
    return PASSED if "open" in told and told[-1] == "closed" else None


def _drive(drive: Callable[[bool], object], seen: Seen) -> None:
    """Open, and close again once it was seen open."""
    drive("open" in [one.safety.contactor for one in seen if one.safety is not None])


def _why_silent(name: str, seen: Seen) -> Words:
    return or_fault(seen[-1], name, Words("没有读数", "no value"))


def _why(name: str, otherwise: Words, seen: Seen) -> Words:
    return or_fault(seen[-1], name, otherwise) if name else otherwise


def _state(name: str, measured: Measurement) -> str:
    return "ok" if fault_of(measured, name) is None else "?"


def _faults(measured: Measurement) -> str:
    names = sorted({fault.sensor for fault in measured.faults or ()})
    return "?: " + " ".join(names) if names else "ok"


def _smoke(measured: Measurement) -> str:
    return shown(measured.safety.smoke if measured.safety else None)


def _contactor(measured: Measurement) -> str:
    return (measured.safety.contactor if measured.safety else None) or "?"
