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
    SECTIONS,
    STATES,
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
_NO_SECTIONS = dict.fromkeys(SECTIONS)
_Known = Sequence[float | None]


def unflatten(form: Shape, station: str, stream: str, row: tuple[Any, ...]) -> Received:
    """The report of a row (HEADER, then values), as it was received."""
    plain = _plain(form, (station, stream, row[3], row[4]), row[len(HEADER) :])
    return Received(Report.model_validate(plain), form.district, moment(row[5]))


def report_of_flat(received: Received) -> Report:
    """The report of what came flat: it has been checked already."""
    texts, values = flat_of(received)
    head = received.station, received.stream, received.seq, received.measured_us
    return report_of(_plain(_shape_of(texts), head, values))


def _plain(form: Shape, head: tuple[str, str, int, int], numbers: Sequence[float]) -> Plain:
    """The values of a report by name. NaN is unknown; the columns are those of FIXED."""
    station, stream, seq, measured_us = head
    values = [None if value != value else value for value in numbers]
    there = {name: part(values) for name, part in _PARTS.items() if name in form.present}
    plain: Plain = {
        "v": 1,
        "station": station,
        "stream": stream,
        "seq": seq,
        "measured_at": moment(measured_us),
        "clock": _word(CLOCKS, values[_CLOCK_AT]),
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
    climate["heating"] = _word(HEATINGS, climate["heating"])
    return climate


def _people_of(values: _Known) -> Plain:
    inside, entered, left, confidence, present = values[_PEOPLE_AT:_SMOKE_AT]
    return {
        "inside": _whole(inside),
        "entered": _whole(entered),
        "left": _whole(left),
        "confidence": confidence,
        "present": _yes(present),
        "zeroed": None,
    }


def _agent_of(values: _Known) -> Plain:
    cpu_c, undervoltage, queued, dropped, disk, simulated = values[_AGENT_AT:CHARGERS_AT]
    return {
        "version": None,
        "cpu_c": cpu_c,
        "undervoltage": _yes(undervoltage),
        "throttled": None,
        "queued": _whole(queued),
        "dropped": _whole(dropped),
        "disk_free_mb": _whole(disk),
        "memory_free_mb": None,
        "simulated": _yes(simulated),
    }


def _door_of(values: _Known) -> Plain:
    return {"open": _yes(values[_DOOR_AT])}


def _safety_of(values: _Known) -> Plain:
    smoke, contactor = values[_SMOKE_AT:_AGENT_AT]
    return {"smoke": _yes(smoke), "contactor": _word(CONTACTORS, contactor)}


def _add_extras(form: Shape, values: _Known, plain: Plain) -> None:
    more = dict(zip(form.extras, values[form.extras_at :], strict=True))
    if "zeroed" in more:
        plain["people"]["zeroed"] = {"by": form.zeroed_by, "counted": _whole(more["zeroed"])}
    if "throttled" in more:
        plain["agent"]["throttled"] = _yes(more["throttled"])
    if "memory_free_mb" in more:
        plain["agent"]["memory_free_mb"] = _whole(more["memory_free_mb"])


def _chargers(form: Shape, values: _Known) -> tuple[Plain, ...]:
    states = values[CHARGERS_AT : form.powers_at]
    powers = values[form.powers_at : form.energies_at]
    energies = values[form.energies_at : form.levels_at]
    return tuple(
        [
            {
                "id": name,
                "kind": kind,
                "state": _word(STATES, state),
                "power_w": power,
                "energy_wh": energy,
            }
            for (name, kind), state, power, energy in zip(
                form.chargers, states, powers, energies, strict=True
            )
        ]
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _yes(value: float | None) -> bool | None:
    return None if value is None else value == 1.0


def _word(words: Sequence[str], value: float | None) -> str | None:
    return None if value is None else words[int(value)]


_PARTS: Mapping[str, Callable[[_Known], Plain]] = {
    "climate": _climate_of,
    "door": _door_of,
    "people": _people_of,
    "safety": _safety_of,
    "agent": _agent_of,
}
