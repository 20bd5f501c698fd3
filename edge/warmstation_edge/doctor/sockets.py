"""Steps of the chargers: their zero, which socket is which, and each contactor. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from statistics import fmean

from warmstation_edge.doctor.causes import SILENT, or_fault
from warmstation_edge.doctor.step import PASSED, Change, Finding, Seen, Step, Words, failed
from warmstation_edge.doctor.values import latest, shown, watts
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile
from warmstation_wire import Calibration

_STARTS_W = {"phone": 1.5, "ebike": 20.0}
"""As charging begins (see README, Charging)."""
_ZERO_W = {"phone": 0.3, "ebike": 5.0}
"""Noise of a transducer without load; beyond it the offset is corrected."""
_FAR_W = {"phone": 5.0, "ebike": 80.0}
"""Beyond it, it is no offset."""
_STEADY_S = 8.0
_UNPLUG = Words("请拔下所有充电器", "Unplug everything from the sockets")
_LOADED = Words(
    "空载时仍有功率：zero_v 或系数不对，或仍插着东西",
    "power without load: zero_v or the factor is wrong, or something is still plugged in",
)
_CORRECTED = Words("空载偏移已写入配置", "the offset without load is written to the profile")
_NO_LOAD = Words(
    "没有看到功率：互感器不在这条线上，或插座没有电",
    "no power was seen: the transducer is on another wire, or the socket is dead",
)


def steps(profile: Profile) -> Iterator[Step]:
    """What this station's sockets have to show; zeros first, with everything unplugged."""
    kinds = {one.id: one.kind for one in profile.chargers}
    for number, (name, kind) in enumerate(kinds.items()):
        asked = _UNPLUG if number == 0 else None
        old = profile.calibration.get(name, Calibration())
        judge = partial(_zero, name, kind, old)
        yield Step(f"{name}.zero", judge, partial(_why_loaded, name), _live(name), asked, 40.0)
    for name, kind in kinds.items():
        judge = partial(_draws, name, kinds)
        cause = partial(_why_nothing, name)
        yield Step(f"{name}.load", judge, cause, _live(name), _plug(name, kind), 120.0)


def _plug(name: str, kind: str) -> Words:
    if kind == "phone":
        return Words(f"请把一部手机插到 {name}", f"Plug a phone into {name}")
    return Words(f"请把一台充电器接到电动车充电位 {name}", f"Connect an e-bike charger to {name}")


def _zero(name: str, kind: str, old: Calibration, seen: Seen) -> Finding | None:
    """By the mean of the last seconds. Watts are held at 0, so only an offset above it is seen."""
    lately = latest(seen, _STEADY_S)
    values = [value for one in lately if (value := watts(one, name)) is not None]
    if not values:
        return None
    mean = fmean(values)
    if mean >= _FAR_W[kind]:
        return None
    if mean <= _ZERO_W[kind]:
        return PASSED
    change = Change(f"calibration.{name}", "offset", round(old.offset - mean, 2))
    return Finding(passed=True, cause=_CORRECTED, changes=(change,))


def _draws(name: str, kinds: Mapping[str, str], seen: Seen) -> Finding | None:
    drawing = [one for one, kind in kinds.items() if _rise(one, seen) >= _STARTS_W[kind]]
    if name in drawing:
        return PASSED
    if not drawing:
        return None
    other = drawing[0]
    return failed(
        Words(
            f"有功率的是 {other}：这两路接反了",
            f"{other} draws power instead: these two are swapped",
        )
    )


def _rise(name: str, seen: Seen) -> float:
    first, last = watts(seen[0], name), watts(seen[-1], name)
    return 0.0 if last is None else last - (first or 0.0)


def _why_loaded(name: str, seen: Seen) -> Words:
    return or_fault(seen[-1], name, SILENT if watts(seen[-1], name) is None else _LOADED)


def _why_nothing(name: str, seen: Seen) -> Words:
    return or_fault(seen[-1], name, _NO_LOAD)


def _live(name: str) -> partial[str]:
    return partial(_power, name)


def _power(name: str, measured: Measurement) -> str:
    return shown(watts(measured, name), "W")
