"""The way back: numbers and a shape become the report that they were taken from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from warmstation_server.history.codec import (
    CHARGERS_AT,
    CLIMATE,
    CLOCKS,
    COLUMN,
    CONTACTORS,
    HEADER,
    HEATINGS,
    NAN,
    SECTIONS,
    STATES,
    Flat,
    Shape,
    flat_of,
    moment,
    shape,
)
from warmstation_server.history.received import Received
from warmstation_wire import Report
from warmstation_wire.plain import Plain, report_of

_CLIMATE_AT, _DOOR_AT, _PEOPLE_AT, _SMOKE_AT, _AGENT_AT = (
    COLUMN[name] for name in ("room_c", "open", "inside", "smoke", "cpu_c")
)
_CLOCK_AT, _UPTIME_AT = COLUMN["clock"], COLUMN["uptime_s"]
_CLOCK, _HEATING, _CONTACTOR, _STATE = (
    {None: None} | {float(number): word for number, word in enumerate(words)}
    for words in (CLOCKS, HEATINGS, CONTACTORS, STATES)
)
_TRUTH: Mapping[float | None, bool | None] = {None: None, 0.0: False, 1.0: True}
_NO_SECTIONS = dict.fromkeys(SECTIONS)
_Known = Sequence[float | None]


def unflatten(form: Shape, station: str, stream: str, row: tuple[Any, ...]) -> Received:
    """The report of a row (HEADER, then values), as it was received."""
    values = [NAN if value != value else value for value in row[len(HEADER) :]]
    identity = station, stream, row[3], row[4]
    flat = Flat(form.texts, values)
    return Received.read(identity, form.district, moment(row[5]), flat, report_of_flat)


def report_of_flat(received: Received) -> Report:
    """The report of what came flat: it has been checked already."""
    texts, values = flat_of(received)
    head = received.station, received.stream, received.seq, received.measured_us
    return report_of(_plain(_shape_of(texts), head, values))


def _plain(form: Shape, head: tuple[str, str, int, int], numbers: Sequence[float]) -> Plain:
    """The values of a report by name. NaN is unknown; the columns are those of FIXED."""
    station, stream, seq, measured_us = head
    values = [None if value != value else value for value in numbers]
    present = form.present
    there = {name: part(values) for name, part in _PARTS.items() if name in present}
    plain: Plain = {
        "v": 1,
        "station": station,
        "stream": stream,
        "seq": seq,
        "measured_at": moment(measured_us),
        "clock": _CLOCK[values[_CLOCK_AT]],
        "uptime_s": values[_UPTIME_AT],
        **_NO_SECTIONS,
        **there,
    }
    if form.extras:
        _add_extras(form, values, plain)
    if "agent" in there:
        plain["agent"]["version"] = form.version
    if "chargers" in form.present:
        plain["chargers"] = _chargers(form, values)
    if "supplies" in form.present:
        levels = values[form.levels_at : form.extras_at]
        pairs = zip(form.items, levels, strict=True)
        plain["supplies"] = tuple([{"item": item, "level": level} for item, level in pairs])
    if "faults" in form.present:
        plain["faults"] = tuple([{"sensor": one, "reason": why} for one, why in form.faults])
    return plain


@lru_cache(maxsize=10_000)
def _shape_of(texts: tuple[Any, ...]) -> Shape:
    return shape(texts)


def _climate_of(values: _Known) -> Plain:
    climate: Plain = dict(zip(CLIMATE, values[_CLIMATE_AT:_DOOR_AT], strict=True))
    climate["heating"] = _HEATING[climate["heating"]]
    return climate


def _people_of(values: _Known) -> Plain:
    inside, entered, left, confidence, present = values[_PEOPLE_AT:_SMOKE_AT]
    return {
        "inside": None if inside is None else int(inside),
        "entered": None if entered is None else int(entered),
        "left": None if left is None else int(left),
        "confidence": confidence,
        "present": _TRUTH[present],
        "zeroed": None,
    }


def _agent_of(values: _Known) -> Plain:
    cpu_c, undervoltage, queued, dropped, disk, simulated = values[_AGENT_AT:CHARGERS_AT]
    return {
        "version": None,
        "cpu_c": cpu_c,
        "undervoltage": _TRUTH[undervoltage],
        "throttled": None,
        "queued": None if queued is None else int(queued),
        "dropped": None if dropped is None else int(dropped),
        "disk_free_mb": None if disk is None else int(disk),
        "memory_free_mb": None,
        "simulated": _TRUTH[simulated],
    }


def _door_of(values: _Known) -> Plain:
    return {"open": _TRUTH[values[_DOOR_AT]]}


def _safety_of(values: _Known) -> Plain:
    smoke, contactor = values[_SMOKE_AT:_AGENT_AT]
    return {"smoke": _TRUTH[smoke], "contactor": _CONTACTOR[contactor]}


def _add_extras(form: Shape, values: _Known, plain: Plain) -> None:
    more = dict(zip(form.extras, values[form.extras_at :], strict=True))
    if "zeroed" in more:
        plain["people"]["zeroed"] = {"by": form.zeroed_by, "counted": int(more["zeroed"] or 0)}
    if "throttled" in more:
        plain["agent"]["throttled"] = _TRUTH[more["throttled"]]
    if "memory_free_mb" in more:
        plain["agent"]["memory_free_mb"] = int(more["memory_free_mb"] or 0)


def _chargers(form: Shape, values: _Known) -> tuple[Plain, ...]:
    powers_at, energies_at = form.powers_at, form.energies_at
    return tuple(
        [
            {
                "id": name,
                "kind": kind,
                "state": _STATE[values[CHARGERS_AT + at]],
                "power_w": values[powers_at + at],
                "energy_wh": values[energies_at + at],
            }
            for at, (name, kind) in enumerate(form.chargers)
        ]
    )


_PARTS: Mapping[str, Callable[[_Known], Plain]] = {
    "climate": _climate_of,
    "door": _door_of,
    "people": _people_of,
    "safety": _safety_of,
    "agent": _agent_of,
}
