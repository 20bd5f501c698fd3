"""A station as everyone may see it, from its state, its promise and the time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime
from functools import lru_cache

from warmstation_server.history.said import Charger, Said, said
from warmstation_server.places import Station
from warmstation_server.status import freshness
from warmstation_server.status import openness as opening
from warmstation_server.status.against import ALL_EBIKES, NOTHING, Against
from warmstation_server.status.board import StationState
from warmstation_server.status.evidence import Evidence, can_see
from warmstation_server.status.heating import heating_state, room_c
from warmstation_server.status.openness import Posted, openness
from warmstation_wire import ChargerCount, StationStatus, SupplyStatus
from warmstation_wire.plain import made
from warmstation_wire.report import ChargerKind, ChargerState
from warmstation_wire.status import OccupancyStatus, SupplyState

FEW_SEATS = 2
FEW_SEATS_SHARE = 0.2
"""Few seats are two or a fifth of all, whichever is more."""
SUPPLY_LOW = 0.2
SUPPLY_EMPTY = 0.03
"""Below this share of full, a level sensor sees the bottom."""


def station_status(
    station: Station,
    state: StationState,
    posted: Posted,
    now: datetime,
    against: Against = NOTHING,
) -> StationStatus:
    """The status now. Values are shown while they are live or stale, and are unknown beyond.

    `against`: what open alerts say against them. What comes of a report and of the
    registry was checked with them.
    """
    says = None if state.heard is None else said(state.heard)
    aged_at = state.aged_at
    age = freshness.data_state(aged_at, now)
    shown = says if age in ("live", "stale") else None
    is_watching = shown is not None and can_see(shown)
    answer = openness(posted, state.evidence, age, is_watching, now)
    climate = shown.climate if shown else None
    chargers = _usable(shown.chargers, against.chargers) if shown else ()
    people = shown.people.inside if shown and shown.people else None
    seats = seats_available(station.capacity, people)
    return made(
        StationStatus,
        {
            "station_id": station.id,
            "last_reported": aged_at,
            "data_state": age,
            "is_open": answer.is_open,
            "is_scheduled_open": posted.is_open,
            "open_basis": answer.basis,
            "occupancy_status": occupancy(people, seats, station.capacity),
            "num_people": people,
            "num_seats_available": seats,
            "people_confidence": shown.people.confidence if shown and shown.people else None,
            "chargers": charger_counts(chargers),
            "indoor_temperature_c": room_c(climate, against.heating),
            "heating_state": heating_state(climate, station.target_c, against.heating),
            "supplies": _supplies(station, shown, aged_at, against.supplies),
            "facility_faults": faults(shown, chargers) if shown else (),
            "is_simulated": station.is_simulated or _is_simulated(says),
        },
    )


def next_turn(
    aged_at: datetime | None, evidence: Evidence, posted: Posted, now: datetime
) -> datetime | None:
    """When the status may change without a new report; `aged_at`: of the one that counts."""
    ages = freshness.next_turn(aged_at, now)
    opens = opening.next_turn(posted, evidence, now)
    if ages is None or opens is None:
        return ages or opens
    return min(ages, opens)


def seats_available(capacity: int, people: int | None) -> int | None:
    """Seats left, never below 0; None where people, or the seats themselves, are unknown."""
    return None if people is None or capacity <= 0 else max(0, capacity - people)


def occupancy(people: int | None, seats: int | None, capacity: int) -> OccupancyStatus:
    """One word for how full it is."""
    if people == 0:
        return "empty"
    if seats is None:
        return "no_data_available"
    if seats == 0:
        return "full"
    if seats <= max(FEW_SEATS, FEW_SEATS_SHARE * capacity):
        return "few_seats_available"
    return "many_seats_available"


def charger_counts(chargers: Iterable[Charger]) -> tuple[ChargerCount, ...]:
    """Chargers by kind; one that is inoperative cannot be used and counts as out of order."""
    return _counts(tuple([(one.kind, one.state) for one in chargers]))


def _usable(chargers: tuple[Charger, ...], against: Set[str]) -> tuple[Charger, ...]:
    """One that says it is free and was found to give no power, or not to be safe, is not free."""
    if not against:
        return chargers
    return tuple(
        one._replace(state="outoforder")
        if one.state == "available"
        and (one.id in against or (one.kind == "ebike" and ALL_EBIKES in against))
        else one
        for one in chargers
    )


@lru_cache(maxsize=4096)
def _counts(chargers: tuple[tuple[ChargerKind, ChargerState], ...]) -> tuple[ChargerCount, ...]:
    """Few combinations, and most reports have the one of the report before."""
    kinds: dict[ChargerKind, list[ChargerState]] = {}
    for kind, state in chargers:
        kinds.setdefault(kind, []).append(state)
    return tuple(
        ChargerCount(
            kind=kind,
            num_available=states.count("available"),
            num_in_use=states.count("charging"),
            num_out_of_order=states.count("outoforder") + states.count("inoperative"),
        )
        for kind, states in sorted(kinds.items())
    )


def supply_state(level: float | None) -> SupplyState:
    """A word for a level: `empty` below 3 %, `low` below 20 %."""
    if level is None:
        return "unknown"
    if level < SUPPLY_EMPTY:
        return "empty"
    return "low" if level < SUPPLY_LOW else "ok"


def faults(said: Said, chargers: Iterable[Charger]) -> tuple[str, ...]:
    """What does not work: sensors without a value, and chargers out of order."""
    broken = [one.id for one in chargers if one.state == "outoforder"]
    if not broken and not said.faults:
        return ()
    return tuple(sorted({*broken, *[sensor for sensor, _ in said.faults]}))


def _supplies(
    station: Station, shown: Said | None, counted_at: datetime | None, against: Set[str]
) -> tuple[SupplyStatus, ...]:
    """What was measured, then what is promised and was not; a level that is not to be believed is
    none."""
    levels = shown.supplies if shown else ()
    measured = [(item, None if item in against else level) for item, level in levels]
    known = [
        _supply(item, level, supply_state(level), None if level is None else counted_at)
        for item, level in measured
    ]
    items = [item for item, _ in measured]
    missing = [item for item in station.supplies if item not in items]
    return (*known, *[_supply(item, None, "unknown", None) for item in missing])


def _supply(
    item: str, level: float | None, state: SupplyState, counted_at: datetime | None
) -> SupplyStatus:
    values = {"item_id": item, "level": level, "state": state, "counted_at": counted_at}
    return made(SupplyStatus, values)


def _is_simulated(said: Said | None) -> bool:
    return bool(said and said.agent and said.agent.simulated)
