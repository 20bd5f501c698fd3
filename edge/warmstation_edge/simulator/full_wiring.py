"""The wires of a station with everything: buses in place of the simple profile's ADC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ZERO_COUNTS, COUNTS_PER_KG = -18_250.0, 104_300.0
EMPTY_KG, FULL_KG = 0.2, 8.2
PULSES_PER_KWH = 1000.0
BUTTON_PIN, LED_PIN, PULSE_PIN, FLOAT_PIN, SECOND_PRESENCE_PIN = 13, 19, 12, 16, 26
_EBIKE_PINS = ((5, 6), (20, 21))
_WATER_CHANNEL = "a7"


def fully_equipped(simple: dict[str, Any], meters: Path, answer_s: float) -> dict[str, Any]:
    """The tables of a simple station, its e-bikes and heater metered, its shelves weighed."""
    given = dict(simple)
    given |= {"i2c": {}, "humidity": {}}
    given["modbus"] = {"port": str(meters), "answer_s": answer_s}
    given["staff"] = {"button_pin": BUTTON_PIN, "led_pin": LED_PIN}
    if "presence" in given:
        given["presence"] |= {"second_pin": SECOND_PRESENCE_PIN, "second_kind": "pir"}
    if "heater" in given:
        heater = {"pulse_pin": PULSE_PIN, "pulses_per_kwh": PULSES_PER_KWH}
        kept = {key: given["heater"][key] for key in ("on_pin", "setpoint_c")}
        given["heater"] = kept | heater
    given["chargers"] = _metered(given["chargers"])
    given["supplies"] = _weighed(given["supplies"])
    given["adc"] = given["adc"][:1]
    return given


def _metered(chargers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    phones = [one for one in chargers if one["kind"] == "phone"]
    ebikes = [one for one in chargers if one["kind"] == "ebike"]
    metered = []
    for address, (point, pins) in enumerate(zip(ebikes, _EBIKE_PINS, strict=False), 1):
        kept = {key: point[key] for key in ("id", "kind", "probe", "max_w")}
        contactor, feedback = pins
        metered.append(
            kept | {"meter": address, "contactor_pin": contactor, "feedback_pin": feedback}
        )
    return [*phones, *metered]


def _weighed(supplies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Water keeps its gauge; the last item has a float; all others stand on scales."""
    shelves = []
    for number, shelf in enumerate(supplies):
        item = shelf["item"]
        if item == "water":
            shelves.append(shelf | {"channel": _WATER_CHANNEL})
        elif number == len(supplies) - 1:
            shelves.append({"item": item, "low_pin": FLOAT_PIN})
        else:
            weight = {"zero_counts": ZERO_COUNTS, "counts_per_kg": COUNTS_PER_KG}
            range_kg = {"empty_kg": EMPTY_KG, "full_kg": FULL_KG}
            shelves.append({"item": item, "scale_channel": number, **weight, **range_kg})
    return shelves
