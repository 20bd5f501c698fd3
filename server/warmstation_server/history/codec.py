"""A report as one row of numbers plus a shape; the same report comes back.

The shape has every text that hardly ever changes (ids, kinds, items, version, which parts are
there), so that a thousand stations share a handful of them. Numbers, states and booleans are
doubles, None is NaN (which the contract refuses): exact, since the contract's integers end at 2^53.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any

from warmstation_server.history.received import EPOCH, Flat, Received, microseconds, moment
from warmstation_wire import Report
from warmstation_wire.plain import Plain, plain_of
from warmstation_wire.report import ChargerState, ClockQuality, Contactor, Heating

__all__ = ["EPOCH", "Flat", "microseconds", "moment"]
NAN = float("nan")
HEADER = ("shape", "station", "stream", "seq", "measured_us", "received_us")
SECTIONS = ("climate", "door", "people", "chargers", "supplies", "safety", "faults", "agent")

CLIMATE = (
    "room_c", "outlet_c", "outdoor_c", "humidity_pct", "setpoint_c", "heating", "heater_w",
)  # fmt: skip
PEOPLE = ("inside", "entered", "left", "confidence", "present")
_AGENT = ("cpu_c", "undervoltage", "queued", "dropped", "disk_free_mb", "simulated")
FIXED = ("uptime_s", "clock", *CLIMATE, "open", *PEOPLE, "smoke", "contactor", *_AGENT)
"""The values that every row has, in order; after them states, powers, energies, levels."""
COLUMN = {name: i for i, name in enumerate(FIXED)}
CHARGERS_AT = len(FIXED)
_CLOCK_AT, _SMOKE_AT = COLUMN["clock"], COLUMN["smoke"]
_sudden = itemgetter(
    *(COLUMN[name] for name in ("clock", "heating", "setpoint_c", "open", *PEOPLE)),
    *(COLUMN[name] for name in ("smoke", "contactor", "undervoltage", "dropped")),
)
_IDS, _ITEMS, _FAULTS = 9, 11, 12
"""Where these are in the texts of `flatten`."""
EXTRAS = ("throttled", "memory_free_mb", "zeroed")
"""Values at a row's end, in this order, where the report has them: a shape says which."""

ENTERED, LEFT = ">", "<"
"""Keys of the door counters; no charger's id looks like these."""
PLUGGED = "~"
"""Before a charger's id: a counter that is 1 while it charges, so that its rises are sessions."""

CLOCKS: tuple[ClockQuality, ...] = ("synced", "estimated", "unsynced")
HEATINGS: tuple[Heating, ...] = ("off", "on")
STATES: tuple[ChargerState, ...] = (
    "available", "charging", "inoperative", "outoforder", "unknown",
)  # fmt: skip
CONTACTORS: tuple[Contactor, ...] = ("open", "closed", "fault")
AVAILABLE, CHARGING = 0.0, 1.0

_SYNCED, _UNSYNCED = float(CLOCKS.index("synced")), float(CLOCKS.index("unsynced"))
_CLOCK = {name: float(i) for i, name in enumerate(CLOCKS)}
_STATE = {name: float(i) for i, name in enumerate(STATES)}
_HEATING: dict[str | None, float] = {None: NAN, "off": 0.0, "on": 1.0}
_CONTACTOR: dict[str | None, float] = {None: NAN, "open": 0.0, "closed": 1.0, "fault": 2.0}
INTEGERS = frozenset(
    {"inside", "entered", "left", "queued", "dropped", "disk_free_mb", "memory_free_mb", "zeroed"}
)
BOOLEANS = frozenset({"open", "present", "smoke", "undervoltage", "simulated", "throttled"})

_sections = itemgetter("uptime_s", "clock", *SECTIONS)
_climate = itemgetter(*CLIMATE)
_people = itemgetter(*PEOPLE)
_agent = itemgetter(*_AGENT)
_charger = itemgetter("state", "power_w", "energy_wh", "id", "kind")
_level, _item = itemgetter("level"), itemgetter("item")
_fault = itemgetter("sensor", "reason")
_rare = itemgetter("throttled", "memory_free_mb")
_SHARED: dict[tuple[Any, ...], tuple[Any, ...]] = {}
_MAX_SHARED = 10_000
_no_climate = (None,) * len(CLIMATE)
_no_people = (None,) * len(PEOPLE)
_no_agent = (None,) * len(_AGENT)


@dataclass(frozen=True)
class Shape:
    """The texts of a report. `present`: the parts that are not None. `faults`: sensor, reason."""

    district: str
    present: tuple[str, ...]
    chargers: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    version: str | None = None
    extras: tuple[str, ...] = ()
    zeroed_by: str | None = None
    width: int = field(init=False, repr=False, compare=False)
    powers_at: int = field(init=False, repr=False, compare=False)
    energies_at: int = field(init=False, repr=False, compare=False)
    levels_at: int = field(init=False, repr=False, compare=False)
    extras_at: int = field(init=False, repr=False, compare=False)
    row: struct.Struct = field(init=False, repr=False, compare=False)
    counters: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Keys of the counters of a row: ENTERED, LEFT, each charger's id, and again with PLUGGED."""
    texts: tuple[Any, ...] = field(init=False, repr=False, compare=False)
    """As `flatten` has them; see `shape`."""

    def __post_init__(self) -> None:
        extras_at = CHARGERS_AT + 3 * len(self.chargers) + len(self.items)
        width = extras_at + len(self.extras)
        object.__setattr__(self, "extras_at", extras_at)
        object.__setattr__(self, "width", width)
        for place, name in enumerate(("powers_at", "energies_at", "levels_at"), start=1):
            object.__setattr__(self, name, CHARGERS_AT + place * len(self.chargers))
        ids = [name for name, _ in self.chargers]
        plugged = [PLUGGED + name for name in ids]
        object.__setattr__(self, "counters", (ENTERED, LEFT, *ids, *plugged))
        object.__setattr__(self, "row", struct.Struct(f"={len(HEADER)}q{width}d"))
        absent = [name not in self.present for name in SECTIONS]
        kinds = tuple(kind for _, kind in self.chargers)
        texts = (self.district, *absent, tuple(ids), kinds, self.items, self.faults)
        object.__setattr__(self, "texts", (*texts, self.version, self.extras, self.zeroed_by))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and texts, for storing as JSON."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.compare}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Shape:
        """What `to_dict` gave."""
        return cls(
            district=stored["district"],
            present=tuple(stored["present"]),
            chargers=tuple((i, kind) for i, kind in stored["chargers"]),
            items=tuple(stored["items"]),
            faults=tuple((sensor, reason) for sensor, reason in stored["faults"]),
            version=stored["version"],
            extras=tuple(stored.get("extras", ())),
            zeroed_by=stored.get("zeroed_by"),
        )


def flatten(report: Report, district: str) -> Flat:
    """Take a report apart."""
    return flattened(plain_of(report), district)


def flat_of(received: Received) -> Flat:
    """The report taken apart, where the intake has not done so already."""
    return received.flat or flatten(received.report, received.district)


def flattened(plain: Plain, district: str) -> Flat:
    """Take the plain values of a report apart."""
    (uptime, clock, climate, door, people, chargers, supplies, safety, faults, agent) = _sections(
        plain
    )
    room, outlet, outdoor, humidity, setpoint, heating, heater = (
        _no_climate if climate is None else _climate(climate)
    )
    extras, more, zeroed_by = _extras(people, agent)
    if chargers:
        states, powers, energies, ids, kinds = zip(*map(_charger, chargers), strict=True)
    else:
        states = powers = energies = ids = kinds = ()
    values = [
        uptime, _CLOCK[clock], room, outlet, outdoor, humidity, setpoint, _HEATING[heating], heater,
        None if door is None else door["open"],
        *(_no_people if people is None else _people(people)),
        None if safety is None else safety["smoke"],
        NAN if safety is None else _CONTACTOR[safety["contactor"]],
        *(_no_agent if agent is None else _agent(agent)),
        *map(_STATE.__getitem__, states), *powers, *energies,
        *map(_level, supplies or ()),
        *more,
    ]  # fmt: skip
    texts = (
        district, climate is None, door is None, people is None, chargers is None, supplies is None,
        safety is None, faults is None, agent is None, ids, kinds,
        tuple(map(_item, supplies)) if supplies else (),
        tuple(map(_fault, faults)) if faults else (),
        None if agent is None else agent["version"],
        extras, zeroed_by,
    )  # fmt: skip
    if None in values:
        return Flat(texts, [NAN if value is None else value for value in values])
    return Flat(texts, values)


def is_unsynced(received: Received) -> bool:
    """Whether the station did not know the time."""
    return flat_of(received).values[_CLOCK_AT] == _UNSYNCED


def is_synced(received: Received) -> bool:
    """Whether the station's clock was set by others lately."""
    return flat_of(received).values[_CLOCK_AT] == _SYNCED


def has_smoke(received: Received) -> bool:
    """Whether the smoke contact says so."""
    return flat_of(received).values[_SMOKE_AT] == 1.0


def faults_of(received: Received) -> tuple[tuple[str, str], ...]:
    """(sensor, reason) of each fault."""
    faults: tuple[tuple[str, str], ...] = flat_of(received).texts[_FAULTS]
    return faults


def told(received: Received) -> tuple[object, ...]:
    """All of a report that may change from one moment to the next: what people and contacts do.

    Without what only drifts: temperatures, power, energy, the computer's own figures.
    """
    texts, values = flat_of(received)
    chargers, items = len(texts[_IDS]), len(texts[_ITEMS])
    levels_at = CHARGERS_AT + 3 * chargers
    return (
        texts,
        _sudden(values),
        values[CHARGERS_AT : CHARGERS_AT + chargers],
        values[levels_at : levels_at + items],
    )


def _extras(
    people: Plain | None, agent: Plain | None
) -> tuple[tuple[str, ...], list[float], str | None]:
    """What few reports have: names, values, and who set the count to zero."""
    zeroed = None if people is None else people["zeroed"]
    throttled, memory = (None, None) if agent is None else _rare(agent)
    if zeroed is None and throttled is None and memory is None:
        return (), [], None
    said = (throttled, memory, None if zeroed is None else zeroed["counted"])
    known = [(name, value) for name, value in zip(EXTRAS, said, strict=True) if value is not None]
    names, values = zip(*known, strict=True)
    return names, list(values), None if zeroed is None else zeroed["by"]


def shape(texts: tuple[Any, ...]) -> Shape:
    """The shape that the texts of `flatten` stand for."""
    district, *absent, ids, kinds, items, faults, version, extras, zeroed_by = texts
    present = tuple(name for name, gone in zip(SECTIONS, absent, strict=True) if not gone)
    chargers = tuple(zip(ids, kinds, strict=True))
    return Shape(district, present, chargers, items, faults, version, extras, zeroed_by)


def shared(flat: Flat) -> Flat:
    """The same with the texts that all reports like it share: many stations are kept in memory."""
    texts = _SHARED.get(flat.texts)
    if texts is None:
        if len(_SHARED) >= _MAX_SHARED:
            _SHARED.clear()
        texts = _SHARED[flat.texts] = flat.texts
    return Flat(texts, flat.values)
