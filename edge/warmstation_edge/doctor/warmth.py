"""Steps of the warmth: which probe is which, and the heater. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from warmstation_edge.doctor.causes import SILENT, or_fault
from warmstation_edge.doctor.step import PASSED, Finding, Seen, Step, Words, failed
from warmstation_edge.doctor.values import celsius, shown
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile

PROBES = {"room": "室内", "outlet": "出风口", "outdoor": "室外"}
_RISES_K = 1.0
"""What a hand does to a probe in half a minute, far above its noise of a sixteenth."""
_HEATS_W = 50.0
_MOISTENS_PCT = 5.0
_BREATHE = Words("请对着湿度传感器呵气", "Breathe on the humidity sensor")
_DRY = Words(
    "湿度没有变化：不是这一块，或被密封", "it never changed: another chip, or it is sealed in"
)
_COLD = Words(
    "握住后温度没有上升：不是这一支，或没有读数", "it did not warm: another probe, or none"
)
_ON = Words("请打开暖气（调高温控器）", "Switch the heater on (turn the thermostat up)")
_OFF_CONTACT = Words(
    "继电器触点没有反应：辅助触点未接或断线",
    "the relay's contact never answered: not wired, or cut",
)
_NO_POWER = Words(
    "继电器吸合但没有功率：互感器不在这条线上，或系数不对",
    "the relay is on but no power is seen: the transducer is on another wire, or its factor",
)


def steps(profile: Profile) -> Iterator[Step]:
    """What this station's probes and heater have to show."""
    names = list(_probes(profile))
    for name in names:
        yield _probe(name, names)
    if profile.humidity is not None:
        cause = _why_dry
        yield Step("humidity", _moistens, cause, _humidity, _BREATHE, 90.0)
    heater = profile.heater
    if heater is not None:
        has_power = any((heater.channel, heater.meter, heater.pulse_pin))
        judge, cause = partial(_heats, has_power), _why_cold
        yield Step("heater", judge, cause, _heater, _ON, 120.0)


def _probes(profile: Profile) -> Iterator[str]:
    """All that hang on the 1-Wire bus: the climate's, and one in each cabinet."""
    if profile.one_wire is None:
        return
    yield from (name for name in PROBES if getattr(profile.one_wire, name) is not None)
    yield from (f"{one.id}.probe" for one in profile.chargers if one.kind == "ebike")


def _named(name: str) -> Words:
    point = name.removesuffix(".probe")
    return Words(PROBES.get(name, f"充电柜 {point} "), point)


def _probe(name: str, names: list[str]) -> Step:
    known = _named(name)
    asked = Words(
        f"请用手握住{known.zh}温度探头半分钟",
        f"Hold the {known.en} probe in your hand for half a minute",
    )
    live = partial(_live, name)
    cause = partial(_why_no_rise, name)
    step = f"{name.removesuffix('.probe')}.probe"
    return Step(step, partial(_warms, name, names), cause, live, asked, 90.0)


def _warms(name: str, names: list[str], seen: Seen) -> Finding | None:
    rises = {one: _rise(one, seen) for one in names}
    most = max(rises, key=lambda one: rises[one])
    if rises[most] < _RISES_K:
        return None
    if most == name:
        return PASSED
    warmed = _named(most)
    other = Words(
        f"升温的是{warmed.zh}探头：配置中的编号对调了",
        f"the {warmed.en} probe warmed instead: their ids are swapped in the profile",
    )
    return failed(other)


def _rise(name: str, seen: Seen) -> float:
    first = next((value for one in seen if (value := celsius(one, name)) is not None), None)
    last = celsius(seen[-1], name)
    return 0.0 if first is None or last is None else last - first


def _moistens(seen: Seen) -> Finding | None:
    told = [value for one in seen if (value := _humidity_pct(one)) is not None]
    return PASSED if told and told[-1] - told[0] >= _MOISTENS_PCT else None


def _why_dry(seen: Seen) -> Words:
    otherwise = SILENT if _humidity_pct(seen[-1]) is None else _DRY
    return or_fault(seen[-1], "humidity", otherwise)


def _humidity_pct(measured: Measurement) -> float | None:
    return measured.climate.humidity_pct if measured.climate else None


def _humidity(measured: Measurement) -> str:
    return shown(_humidity_pct(measured), "%")


def _heats(has_power: bool, seen: Seen) -> Finding | None:
    climate = seen[-1].climate
    if climate is None or climate.heating != "on":
        return None
    if not has_power:
        return PASSED
    return PASSED if climate.heater_w is not None and climate.heater_w >= _HEATS_W else None


def _why_cold(seen: Seen) -> Words:
    climate = seen[-1].climate
    is_on = climate is not None and climate.heating == "on"
    return or_fault(seen[-1], "heater", _NO_POWER if is_on else _OFF_CONTACT)


def _why_no_rise(name: str, seen: Seen) -> Words:
    otherwise = SILENT if celsius(seen[-1], name) is None else _COLD
    return or_fault(seen[-1], name, otherwise)


def _live(name: str, measured: Measurement) -> str:
    return shown(celsius(measured, name), "°C", 2)


def _heater(measured: Measurement) -> str:
    climate = measured.climate
    if climate is None:
        return "?"
    return f"{climate.heating or '?'} {shown(climate.heater_w, 'W', 0)}"
