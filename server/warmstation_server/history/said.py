"""What a report says, for those who judge it: its values by the names of `Report`, read-only.

For `status` and `conditions`. Made of the numbers that a report is kept as, at a tenth of what the
report itself costs; only what is judged is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from warmstation_server.history.codec import (
    CHARGERS_AT,
    CLOCKS,
    COLUMN,
    CONTACTORS,
    HEATINGS,
    STATES,
    flat_of,
)
from warmstation_server.history.received import Received
from warmstation_wire.report import ChargerKind, ChargerState, ClockQuality, Contactor, Heating

_CLIMATE_AT, _DOOR_AT, _PEOPLE_AT, _SMOKE_AT, _AGENT_AT = (
    COLUMN[name] for name in ("room_c", "open", "inside", "smoke", "cpu_c")
)
_CLOCK_AT = COLUMN["clock"]
_CLOCK: Mapping[float | None, ClockQuality] = dict(enumerate(CLOCKS))
_HEATING: Mapping[float | None, Heating | None] = {None: None, **dict(enumerate(HEATINGS))}
_CONTACTOR: Mapping[float | None, Contactor | None] = {None: None, **dict(enumerate(CONTACTORS))}
_STATE: Mapping[float | None, ChargerState] = dict(enumerate(STATES))
_TRUTH: Mapping[float | None, bool | None] = {None: None, 0.0: False, 1.0: True}


class Climate(NamedTuple):
    """As in the contract, and so are all that follow."""

    room_c: float | None
    outlet_c: float | None
    outdoor_c: float | None
    setpoint_c: float | None
    heating: Heating | None
    heater_w: float | None


class People(NamedTuple):
    """Who is inside, and who crossed the door."""

    inside: int | None
    entered: int | None
    left: int | None
    confidence: float | None
    present: bool | None


class Charger(NamedTuple):
    """One socket or e-bike point."""

    id: str
    kind: ChargerKind
    state: ChargerState
    power_w: float | None


class Supply(NamedTuple):
    """One item on the shelf."""

    item: str
    level: float | None


class Agent(NamedTuple):
    """The station's computer."""

    version: str | None
    undervoltage: bool | None
    queued: int | None
    dropped: int | None
    simulated: bool | None


class Said(NamedTuple):
    """One report. A part that is absent is None; lists are empty then.

    `faults`: (sensor, reason) of each.
    """

    stream: str
    clock: ClockQuality
    climate: Climate | None
    door_open: bool | None
    people: People | None
    chargers: tuple[Charger, ...]
    supplies: tuple[Supply, ...]
    smoke: bool | None
    contactor: Contactor | None
    faults: tuple[tuple[str, str], ...]
    agent: Agent | None


def said(received: Received) -> Said:
    """What it says; remembered until `forget`, for it is judged and shown within a second."""
    known: Said | None = received.said
    if known is None:
        known = received.said = _read(received)
    return known


def forget(received: Received) -> None:
    """Let go of what `said` made: of each station one report is kept."""
    received.said = None


def _read(received: Received) -> Said:
    texts, numbers = flat_of(received)
    _, no_climate, _, no_people, _, _, _, _, no_agent, ids, kinds, items, faults, version, *_ = (
        texts
    )
    values = [None if value != value else value for value in numbers]
    smoke, contactor = values[_SMOKE_AT:_AGENT_AT]
    return _new(
        Said,
        (
            received.stream,
            _CLOCK[values[_CLOCK_AT]],
            None if no_climate else _climate(values),
            _TRUTH[values[_DOOR_AT]],
            None if no_people else _people(values),
            _chargers(ids, kinds, values) if ids else (),
            _supplies(items, values, CHARGERS_AT + 3 * len(ids)) if items else (),
            _TRUTH[smoke],
            _CONTACTOR[contactor],
            faults,
            None if no_agent else _agent(version, values),
        ),
    )


_Values = list[float | None]
_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


def _climate(values: _Values) -> Climate:
    room, outlet, outdoor, _, setpoint, heating, heater = values[_CLIMATE_AT:_DOOR_AT]
    return _new(Climate, (room, outlet, outdoor, setpoint, _HEATING[heating], heater))


def _people(values: _Values) -> People:
    inside, entered, left, confidence, present = values[_PEOPLE_AT:_SMOKE_AT]
    return _new(
        People,
        (
            None if inside is None else int(inside),
            None if entered is None else int(entered),
            None if left is None else int(left),
            confidence,
            _TRUTH[present],
        ),
    )


def _chargers(
    ids: tuple[str, ...], kinds: tuple[ChargerKind, ...], values: _Values
) -> tuple[Charger, ...]:
    count = len(ids)
    states = map(_STATE.__getitem__, values[CHARGERS_AT : CHARGERS_AT + count])
    powers = values[CHARGERS_AT + count : CHARGERS_AT + 2 * count]
    rows = zip(ids, kinds, states, powers, strict=True)
    return tuple([_new(Charger, row) for row in rows])


def _supplies(items: tuple[str, ...], values: _Values, at: int) -> tuple[Supply, ...]:
    rows = zip(items, values[at : at + len(items)], strict=True)
    return tuple([_new(Supply, row) for row in rows])


def _agent(version: str | None, values: _Values) -> Agent:
    _, undervoltage, queued, dropped, _, simulated = values[_AGENT_AT:CHARGERS_AT]
    return _new(
        Agent,
        (
            version,
            _TRUTH[undervoltage],
            None if queued is None else int(queued),
            None if dropped is None else int(dropped),
            _TRUTH[simulated],
        ),
    )
