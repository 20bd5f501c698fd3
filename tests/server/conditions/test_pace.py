"""Which reports are judged at once, and which wait for the next."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.registered import NOON, report
from warmstation_server.conditions.pace import STEP_S, Pace
from warmstation_server.history import Received

NOON_S = NOON.timestamp()


def _said(**parts: Any) -> Received:
    at = NOON
    known: dict[str, object] = {
        "climate": {"room_c": 19.0},
        "door": {"open": False},
        "people": {"inside": 2},
        "chargers": ({"id": "p1", "kind": "phone", "state": "available", "power_w": 0.0},),
        "supplies": ({"item": "water", "level": 0.5},),
        "safety": {"smoke": False},
    }
    return Received(report(1, at, **(known | parts)), "kunshan", at)


def _begun() -> Pace:
    pace = Pace()
    assert pace.is_due(_said(), NOON_S)
    assert pace.is_due(_said(), NOON_S + 1.0)
    return pace


def test_what_only_drifts_waits_a_few_seconds_and_no_longer() -> None:
    pace = _begun()
    assert not pace.is_due(_said(climate={"room_c": 19.1}), NOON_S + 2.0)
    assert not pace.is_due(_said(climate={"room_c": 19.2}), NOON_S + 1.0 + STEP_S - 0.1)
    assert pace.is_due(_said(climate={"room_c": 19.2}), NOON_S + 1.0 + STEP_S)


@pytest.mark.parametrize(
    "parts",
    [
        {"door": {"open": True}},
        {"people": {"inside": 3}},
        {"people": None},
        {"chargers": ({"id": "p1", "kind": "phone", "state": "outoforder", "power_w": 0.0},)},
        {"chargers": ()},
        {"supplies": ({"item": "water", "level": 0.4},)},
        {"safety": {"smoke": True}},
        {"safety": {"smoke": None}},
        {"faults": ({"sensor": "room", "reason": "crc"},)},
    ],
)
def test_what_changes_at_once_is_judged_at_once(parts: dict[str, object]) -> None:
    pace = _begun()
    assert pace.is_due(_said(**parts), NOON_S + 1.1)
    assert not pace.is_due(_said(**parts), NOON_S + 1.2)
    assert pace.is_due(_said(), NOON_S + 1.3)


def test_after_forgetting_the_next_one_is_judged() -> None:
    pace = _begun()
    pace.forget()
    assert pace.is_due(_said(), NOON_S + 1.1)


def test_one_report_a_minute_is_always_judged() -> None:
    pace = Pace()
    assert all(pace.is_due(_said(), NOON_S + 60.0 * minute) for minute in range(5))
