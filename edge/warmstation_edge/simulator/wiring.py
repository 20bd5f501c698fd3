"""The profile that an installer would have written for a simulated station."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warmstation_edge.profile import Profile, parse
from warmstation_edge.sensors.serial_line import ANSWER_S
from warmstation_edge.simulator.full_wiring import fully_equipped
from warmstation_edge.simulator.plan import StationPlan

ROOM_PROBE, OUTLET_PROBE, OUTDOOR_PROBE = (f"28-0000000000{n:02x}" for n in (1, 2, 3))
PHONE_W_PER_V = 15.0
EBIKE_W_PER_V = 200.0
EMPTY_V, FULL_V = 0.3, 3.0

_ADC_SELECT_PINS = {"a": 8, "b": 7, "c": 5, "d": 6}
_EBIKE_PINS = ((2, 3), (12, 13), (14, 15), (16, 18), (19, 20), (21, 26))
_MAX_EBIKE_W = 500.0


def profile_of(
    plan: StationPlan,
    broker: tuple[str, int],
    outbox: Path,
    one_wire_root: Path,
    meters: Path | None = None,
    answer_s: float = ANSWER_S,
) -> Profile:
    """The wired station, with an outbox file, the directory of its 1-Wire bus, and the serial port
    of its meters, and how long they may take, where it has everything."""
    channels = _channels()
    has = plan.sensors
    host, port = broker
    given: dict[str, Any] = {
        "station": {"id": plan.id, "district": plan.district},
        "broker": {"host": host, "port": port},
        "outbox": {"path": str(outbox)},
        "one_wire": {"root": str(one_wire_root)},
    }
    if "door" in has:
        given["door"] = {"outer_beam_pin": 17, "inner_beam_pin": 27}
        if "contact" in has:
            given["door"]["contact_pin"] = 22
    if "presence" in has:
        given["presence"] = {"pin": 23}
    if "smoke" in has:
        given["smoke"] = {"pin": 25}
    if "heater" in has:
        given["heater"] = {
            "on_pin": 24,
            "channel": next(channels),
            "watts_per_volt": heater_w_per_v(plan),
            "setpoint_c": plan.target_c,
        }
    probes = {"room": ROOM_PROBE, "outlet": OUTLET_PROBE, "outdoor": OUTDOOR_PROBE}
    given["one_wire"] |= {name: probe for name, probe in probes.items() if name in has}
    given["chargers"] = [*_phones(plan, channels), *_ebikes(plan, channels)]
    given["supplies"] = [
        {"item": item, "channel": next(channels), "empty_v": EMPTY_V, "full_v": FULL_V}
        for item in plan.supplies
    ]
    used = len(given["chargers"]) + len(given["supplies"]) + ("heater" in has)
    adcs = [*_ADC_SELECT_PINS.items()][: math.ceil(used / 8)]
    given["adc"] = [{"id": adc, "select_pin": pin} for adc, pin in adcs]
    if meters is not None:
        given = fully_equipped(given, meters, answer_s)
    return parse(given, Path(f"{plan.id}.toml"))


def heater_w_per_v(plan: StationPlan) -> float:
    """A transducer that can show a little more than the heater's heat."""
    return round(plan.heater.heat_w * 1.2 / FULL_V)


def _phones(plan: StationPlan, channels: Iterator[str]) -> Iterator[dict[str, Any]]:
    for number in range(1, plan.phone_chargers + 1):
        yield {
            "id": f"p{number}",
            "kind": "phone",
            "channel": next(channels),
            "watts_per_volt": PHONE_W_PER_V,
        }


def _ebikes(plan: StationPlan, channels: Iterator[str]) -> Iterator[dict[str, Any]]:
    for number, (contactor, feedback) in enumerate(_EBIKE_PINS[: plan.ebike_chargers], 1):
        yield {
            "id": f"e{number}",
            "kind": "ebike",
            "channel": next(channels),
            "watts_per_volt": EBIKE_W_PER_V,
            "contactor_pin": contactor,
            "feedback_pin": feedback,
            "probe": f"28-00000000e0{number:02x}",
            "max_w": _MAX_EBIKE_W,
        }


def _channels() -> Iterator[str]:
    return (f"{adc}{number}" for adc in _ADC_SELECT_PINS for number in range(8))
