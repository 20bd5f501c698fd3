"""Steps of the door: beams and their order, the reed contact, the presence sensor. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from warmstation_edge.doctor.causes import or_fault
from warmstation_edge.doctor.step import PASSED, Change, Finding, Seen, Step, Words
from warmstation_edge.doctor.values import crossings, raw, shown
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import DoorPins, Profile

_WALK = Words(
    "请过门两次：从街上走进来，停一下，再走出去",
    "Walk through the door twice: in from the street, stop a moment, then out",
)
_SWING = Words("请把门打开再关上", "Open the door and close it again")
_STAND = Words(
    "请先离开，再站到人体传感器前面",
    "Step out of sight, then stand in front of the presence sensor",
)
_STAND_AT = Words(
    "请先离开，再站到第 {number} 个人体传感器前面",
    "Step out of sight, then stand in front of presence sensor {number}",
)
_SWAPPED = Words(
    "两束光的顺序接反了：配置已对调", "the beams are swapped: put right in the profile"
)
_UNCOUNTED = Words(
    "过门没有计全：两束光之一未对准、断线，或间距不在 10-20 cm",
    "passages were missed: a beam is not aimed, its wire is cut, or they are not 10-20 cm apart",
)
_STILL = Words(
    "门磁没有变化：磁铁太远或断线", "the contact never changed: magnet too far, or cut wire"
)
_NOBODY = Words(
    "没有从“无人”变为“有人”：检查供电、朝向和灵敏度",
    "it never changed from nobody to somebody: check supply, direction and sensitivity",
)


def steps(profile: Profile) -> Iterator[Step]:
    """What this station's door and presence sensor have to show."""
    if profile.door is not None:
        beams = partial(_beams, profile.door)
        yield Step("door.beams", beams, partial(_why, "door", _UNCOUNTED), _counted, _WALK)
        if profile.door.contact_pin is not None:
            cause = partial(_why, "door", _STILL)
            yield Step("door.contact", _both_ways, cause, _is_open, _SWING)
    if profile.presence is not None:
        names = ("presence", "presence.second") if profile.presence.second_pin else ("presence",)
        for number, name in enumerate(names, 1):
            asked = _STAND if len(names) == 1 else _STAND_AT.filled(number=number)
            cause, live = partial(_why, name, _NOBODY), partial(_is_present, name)
            yield Step(name, partial(_somebody, name), cause, live, asked, 45.0)


def _beams(door: DoorPins, seen: Seen) -> Finding | None:
    """In, then out, both counted. The other way round means that the beams are swapped."""
    base = crossings(seen[0])
    told = [(entered - base[0], left - base[1]) for entered, left in map(crossings, seen)]
    first = next((one for one in told if one != (0, 0)), None)
    if first is None or min(told[-1]) < 1:
        return None
    if first[0] >= first[1]:
        return PASSED
    swapped = (
        Change("door", "outer_beam_pin", door.inner_beam_pin),
        Change("door", "inner_beam_pin", door.outer_beam_pin),
    )
    return Finding(passed=True, cause=_SWAPPED, changes=swapped)


def _both_ways(seen: Seen) -> Finding | None:
    doors = {measured.door.open for measured in seen if measured.door is not None}
    return PASSED if {True, False} <= doors and _is_open(seen[-1]) == "0" else None


def _somebody(name: str, seen: Seen) -> Finding | None:
    """It must have seen nobody before: one that always sees somebody is worth as little."""
    told = [raw(measured, name) for measured in seen]
    return PASSED if told[-1] and 0 in told else None


def _why(name: str, otherwise: Words, seen: Seen) -> Words:
    return or_fault(seen[-1], name, otherwise)


def _counted(measured: Measurement) -> str:
    entered, left = crossings(measured)
    return f"+{entered} -{left}"


def _is_open(measured: Measurement) -> str:
    return shown(measured.door.open if measured.door else None)


def _is_present(name: str, measured: Measurement) -> str:
    found = raw(measured, name)
    return shown(None if found is None else bool(found))
