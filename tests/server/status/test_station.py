"""A station as everyone may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.registered import NOON, received, station
from warmstation_server.history.said import said
from warmstation_server.status import freshness
from warmstation_server.status.against import Against, Word, word
from warmstation_server.status.board import StationState, after_report
from warmstation_server.status.heating import heating_state
from warmstation_server.status.openness import Posted
from warmstation_server.status.station import next_turn, occupancy, seats_available, station_status
from warmstation_wire import ChargerCount, StationStatus
from warmstation_wire.status import DataState, HeatingState, OccupancyStatus

OPEN = Posted(
    is_open=True, opened_at=NOON - timedelta(hours=5), next_change=NOON + timedelta(hours=10)
)
FULL_REPORT: dict[str, Any] = {
    "climate": {"room_c": 19.8, "heating": "on", "setpoint_c": 20.0},
    "people": {"inside": 7, "present": True, "confidence": 0.9},
    "chargers": [
        {"id": "p1", "kind": "phone", "state": "charging"},
        {"id": "p2", "kind": "phone", "state": "available"},
        {"id": "p3", "kind": "phone", "state": "unknown"},
        {"id": "p4", "kind": "phone", "state": "inoperative"},
        {"id": "e1", "kind": "ebike", "state": "outoforder"},
    ],
    "supplies": [
        {"item": "water", "level": 0.42},
        {"item": "noodles", "level": 0.1},
        {"item": "biscuits", "level": 0.01},
        {"item": "tea"},
    ],
    "faults": [{"sensor": "outlet", "reason": "crc"}],
}


def status(at: datetime = NOON, **parts: Any) -> StationStatus:
    state = after_report(StationState(), received(1, **parts))
    shown = station_status(station(supplies=("water", "umbrella")), state, OPEN, at)
    assert StationStatus.model_validate(shown.model_dump()) == shown  # it is made unchecked
    return shown


def test_everything_that_was_measured_is_shown() -> None:
    shown = status(**FULL_REPORT)
    assert shown.data_state == "live"
    assert (shown.num_people, shown.num_seats_available) == (7, 5)
    assert shown.people_confidence == 0.9
    assert shown.occupancy_status == "many_seats_available"
    assert (shown.indoor_temperature_c, shown.heating_state) == (19.8, "ok")
    assert shown.chargers == (
        ChargerCount(kind="ebike", num_available=0, num_in_use=0, num_out_of_order=1),
        ChargerCount(kind="phone", num_available=1, num_in_use=1, num_out_of_order=1),
    )
    assert [(one.item_id, one.state) for one in shown.supplies] == [
        ("water", "ok"),
        ("noodles", "low"),
        ("biscuits", "empty"),
        ("tea", "unknown"),
        ("umbrella", "unknown"),
    ]
    assert shown.facility_faults == ("e1", "outlet")
    assert (shown.is_open, shown.open_basis) == (True, "observed")


def test_what_was_not_measured_is_unknown_and_not_nothing() -> None:
    shown = status()
    assert shown.num_people is None
    assert shown.num_seats_available is None
    assert shown.occupancy_status == "no_data_available"
    assert shown.indoor_temperature_c is None
    assert shown.heating_state == "unknown"


def test_an_offline_station_shows_no_value_but_when_it_was_heard() -> None:
    shown = status(NOON + timedelta(minutes=16), **FULL_REPORT)
    assert shown == StationStatus(
        station_id="ks-songnan",
        last_reported=NOON,
        data_state="offline",
        is_open=None,
        is_scheduled_open=True,
        open_basis="schedule",
        occupancy_status="no_data_available",
        heating_state="unknown",
        supplies=status(NOON + timedelta(hours=1)).supplies,
    )


def test_a_station_that_was_never_heard_from_is_there() -> None:
    shown = station_status(station(), StationState(), OPEN, NOON)
    assert (shown.data_state, shown.last_reported, shown.is_open) == ("never", None, None)
    assert shown.is_scheduled_open is True


@pytest.mark.parametrize(
    ("is_station", "is_agent", "is_simulated"),
    [(True, None, True), (False, True, True), (False, None, False)],
)
def test_what_is_simulated_says_so(
    is_station: bool, is_agent: bool | None, is_simulated: bool
) -> None:
    state = after_report(StationState(), received(1, agent={"simulated": is_agent}))
    shown = station_status(station(is_simulated=is_station), state, OPEN, NOON)
    assert shown.is_simulated is is_simulated


@pytest.mark.parametrize(
    ("age_s", "word"),
    [(0, "live"), (150, "live"), (151, "stale"), (900, "stale"), (901, "offline")],
)
def test_age_has_a_word(age_s: int, word: DataState) -> None:
    assert freshness.data_state(NOON, NOON + timedelta(seconds=age_s)) == word


def test_the_status_is_looked_at_again_when_the_data_gets_old() -> None:
    state = after_report(StationState(), received(1))
    turns, now = [], NOON
    while (
        turn := next_turn(state.aged_at, state.evidence, OPEN, now)
    ) is not None and turn < NOON + timedelta(hours=1):
        turns.append(freshness.data_state(state.aged_at, turn))
        now = turn
    assert turns == ["stale", "offline"]


@pytest.mark.parametrize(
    ("people", "capacity", "word", "seats"),
    [
        (None, 12, "no_data_available", None),
        (0, 12, "empty", 12),
        (9, 12, "many_seats_available", 3),
        (10, 12, "few_seats_available", 2),
        (12, 12, "full", 0),
        (15, 12, "full", 0),
        (79, 100, "many_seats_available", 21),
        (80, 100, "few_seats_available", 20),
        (3, 0, "no_data_available", None),
        (0, 0, "empty", None),
    ],
)
def test_how_full_it_is(
    people: int | None, capacity: int, word: OccupancyStatus, seats: int | None
) -> None:
    assert seats_available(capacity, people) == seats
    assert occupancy(people, seats, capacity) == word


@pytest.mark.parametrize(
    ("climate", "word"),
    [
        ({}, "unknown"),
        ({"heating": "on"}, "unknown"),
        ({"heating": "off"}, "off"),
        ({"room_c": 18.0}, "ok"),
        ({"room_c": 17.9}, "unknown"),
        ({"room_c": 19.0, "heating": "off"}, "ok"),
        ({"room_c": 12.0, "heating": "off"}, "off"),
        ({"room_c": 12.0, "heating": "on"}, "warming_up"),
        ({"room_c": 12.0, "heating": "on", "heater_w": 1480.0}, "warming_up"),
        ({"room_c": 12.0, "heating": "on", "heater_w": 3.0}, "fault"),
        ({"room_c": 12.0, "heating": "on", "outlet_c": 40.0}, "warming_up"),
        ({"room_c": 12.0, "heating": "on", "outlet_c": 13.0}, "fault"),
        ({"room_c": 12.0, "heating": "on", "outlet_c": 13.0, "heater_w": 900.0}, "warming_up"),
        ({"room_c": 17.0, "heating": "on", "setpoint_c": 18.0}, "ok"),
    ],
)
def test_heating_in_a_word(climate: dict[str, Any], word: HeatingState) -> None:
    assert heating_state(said(received(1, climate=climate)).climate, target_c=20.0) == word


@pytest.mark.parametrize(
    ("climate", "against", "shown_c", "word"),
    [
        ({"room_c": 19.5, "heating": "on", "heater_w": 0.0}, "heating.no_heat", 19.5, "fault"),
        ({"room_c": 19.5, "heating": "off"}, "heating.no_heat", 19.5, "fault"),
        ({"heating": "off"}, "heating.no_heat", None, "fault"),
        ({"room_c": 19.5, "heating": "on"}, "heating.weak_heat", 19.5, "ok"),
        ({"room_c": 14.0, "heating": "on", "heater_w": 900.0}, "heating.weak_heat", 14.0, "fault"),
        ({"room_c": 20.0, "heating": "on"}, "heating.sensor_stuck", None, "unknown"),
        ({"room_c": 20.0, "heating": "off"}, "heating.sensor_fault", None, "off"),
        ({"room_c": 20.0, "heating": "on"}, "heating.outlet_detached", 20.0, "ok"),
    ],
)
def test_an_alert_knows_of_the_heat_what_one_report_does_not(
    climate: dict[str, Any], against: str, shown_c: float | None, word: HeatingState
) -> None:
    state = after_report(StationState(), received(1, climate=climate))
    shown = station_status(station(), state, OPEN, NOON, Against(heating=frozenset({against})))
    assert (shown.indoor_temperature_c, shown.heating_state) == (shown_c, word)


def test_of_a_station_that_is_silent_an_alert_says_nothing_of_now() -> None:
    state = after_report(StationState(), received(1, climate={"room_c": 19.5}))
    shown = station_status(
        station(),
        state,
        OPEN,
        NOON + timedelta(hours=1),
        Against(heating=frozenset({"heating.no_heat"})),
    )
    assert shown.heating_state == "unknown"


_CHARGERS = [
    {"id": "usb-1", "kind": "phone", "state": "available"},
    {"id": "usb-2", "kind": "phone", "state": "charging"},
    {"id": "bay-1", "kind": "ebike", "state": "available"},
    {"id": "bay-2", "kind": "ebike", "state": "charging"},
    {"id": "bay-3", "kind": "ebike", "state": "unknown"},
]


@pytest.mark.parametrize(
    ("alert", "phones", "ebikes", "broken"),
    [
        (("chargers.dead", "usb-1"), (0, 1, 1), (1, 1, 0), ("usb-1",)),
        (("chargers.dead", "usb-2"), (1, 1, 0), (1, 1, 0), ()),
        (("chargers.welded", "bay-1"), (1, 1, 0), (0, 1, 1), ("bay-1",)),
        (("chargers.welded", ""), (1, 1, 0), (0, 1, 1), ("bay-1",)),
        (("chargers.overheat", "bay-9"), (1, 1, 0), (1, 1, 0), ()),
    ],
)
def test_a_charger_that_was_found_dead_or_unsafe_is_not_free(
    alert: tuple[str, str],
    phones: tuple[int, int, int],
    ebikes: tuple[int, int, int],
    broken: tuple[str, ...],
) -> None:
    state = after_report(StationState(), received(1, chargers=_CHARGERS))
    said_of = word(*alert, {})
    assert said_of is not None
    shown = station_status(station(), state, OPEN, NOON, Against.of([said_of]))
    counts = {
        one.kind: (one.num_available, one.num_in_use, one.num_out_of_order)
        for one in shown.chargers
    }
    assert (counts["phone"], counts["ebike"]) == (phones, ebikes)
    assert shown.facility_faults == broken


@pytest.mark.parametrize(
    ("evidence", "said_of", "level", "state"),
    [
        ({"link": "jumps", "jumps": 9.0}, ("supply", "water"), None, "unknown"),
        ({"link": "restock", "from": 0.1}, None, 0.5, "ok"),
    ],
)
def test_a_level_that_jumps_is_unknown_and_one_that_was_restocked_is_not(
    evidence: dict[str, float | str], said_of: Word | None, level: float | None, state: str
) -> None:
    assert word("supplies.sensor", "water", evidence) == said_of
    against = Against.of([said_of] if said_of else [])
    after = after_report(StationState(), received(1, supplies=[{"item": "water", "level": 0.5}]))
    (water,) = [
        one
        for one in station_status(station(), after, OPEN, NOON, against).supplies
        if one.item_id == "water"
    ]
    assert (water.level, water.state, water.counted_at is None) == (level, state, level is None)
