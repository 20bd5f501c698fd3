"""When a report is due, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from warmstation_edge.due import Due, Intervals, Reported, Why, report_due
from warmstation_edge.measurement import Measurement
from warmstation_wire import Charger, Climate, Door, Fault, People, Safety, Supply

INTERVALS = Intervals(report_s=60, debounce_s=2)
QUIET = Measurement(
    measured_at=datetime(2026, 11, 21, 4, tzinfo=UTC),
    clock="synced",
    uptime_s=100.0,
    climate=Climate(room_c=19.8, outlet_c=40.0, outdoor_c=-1.0, heating="on", heater_w=1500.0),
    door=Door(open=False),
    people=People(inside=7, entered=1234, left=1227, confidence=0.9, present=True),
    chargers=(Charger(id="p1", kind="phone", state="charging", power_w=11.2),),
    supplies=(Supply(item="water", level=0.42),),
    safety=Safety(smoke=False, contactor="closed"),
    faults=(Fault(sensor="outlet", reason="crc"),),
)


def due(current: Measurement, age_s: float = 10.0) -> Due | None:
    return report_due(Reported(QUIET, at=1000.0), current, 1000.0 + age_s, INTERVALS)


def changed(**parts: Any) -> Due | None:
    return due(replace(QUIET, **parts))


def test_the_first_report_goes_at_once() -> None:
    assert report_due(None, QUIET, 0.0, INTERVALS) == Due(Why.FIRST)


def test_without_a_change_one_report_a_minute() -> None:
    assert due(QUIET, 59.9) is None
    assert due(QUIET, 60) == Due(Why.HEARTBEAT)


def test_a_change_waits_for_the_debounce_time_and_no_longer() -> None:
    opened = replace(QUIET, door=Door(open=True))
    assert due(opened, 1.9) is None
    assert due(opened, 2.0) == Due(Why.CHANGED, ("door.open",))


@pytest.mark.parametrize(
    ("part", "value", "what"),
    [
        ("people", People(inside=8, entered=1235, left=1227), "people.inside"),
        ("people", People(inside=7, entered=1235, left=1228), "people.entered"),
        ("people", People(inside=7, entered=1234, left=1227, present=False), "people.present"),
        ("door", Door(), "door.open"),
        ("door", None, "door.open"),
        ("climate", Climate(room_c=19.8, heating="off"), "climate.heating"),
        ("climate", Climate(room_c=20.1), "climate.room_c"),
        ("climate", Climate(), "climate.room_c"),
        ("chargers", (Charger(id="p1", kind="phone", state="outoforder"),), "chargers.p1"),
        ("chargers", (), "chargers.p1"),
        ("supplies", (Supply(item="water", level=0.4),), "supplies.water"),
        ("supplies", (Supply(item="water"),), "supplies.water"),
        ("safety", Safety(smoke=False, contactor="open"), "safety.contactor"),
        ("faults", (Fault(sensor="outlet", reason="absent"),), "faults.outlet.absent"),
        ("faults", None, "faults.outlet.crc"),
    ],
)
def test_what_matters_is_reported_when_it_changes(part: str, value: object, what: str) -> None:
    found = changed(**{part: value})
    assert found is not None
    assert found.why is Why.CHANGED
    assert what in found.what


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (
            "climate",
            Climate(room_c=19.51, outlet_c=42.9, outdoor_c=-1.4, heating="on", heater_w=1700.0),
        ),
        ("people", People(inside=7, entered=1234, left=1227, confidence=0.1, present=True)),
        ("chargers", (Charger(id="p1", kind="phone", state="charging", power_w=5.0),)),
        ("supplies", (Supply(item="water", level=0.43),)),
        ("uptime_s", 110.0),
    ],
)
def test_what_does_not_matter_waits_for_the_minute(part: str, value: object) -> None:
    assert changed(**{part: value}) is None


@pytest.mark.parametrize(
    ("part", "value", "what"),
    [
        ("safety", Safety(smoke=True, contactor="closed"), "safety.smoke"),
        ("safety", Safety(smoke=False, contactor="fault"), "safety.contactor"),
        ("faults", (Fault(sensor="e1", reason="overheat"),), "faults.e1.overheat"),
        ("faults", (Fault(sensor="e1", reason="overcurrent"),), "faults.e1.overcurrent"),
    ],
)
def test_danger_waits_for_nothing(part: str, value: object, what: str) -> None:
    current = replace(QUIET, **{part: value})  # type: ignore[arg-type]  # one part at a time
    found = due(current, age_s=0.0)
    assert found == Due(Why.URGENT, (what,))
    assert found.is_urgent
    first = report_due(None, current, 0.0, INTERVALS)
    assert first is not None
    assert first.is_urgent


def test_danger_that_was_told_is_not_told_every_turn() -> None:
    smoke = replace(QUIET, safety=Safety(smoke=True, contactor="closed"))
    told = Reported(smoke, at=1000.0)
    assert report_due(told, smoke, 1030.0, INTERVALS) is None
    assert report_due(told, QUIET, 1002.0, INTERVALS) == Due(Why.CHANGED, ("safety.smoke",))
