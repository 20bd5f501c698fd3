"""Open or closed: evidence against the posted hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.registered import NOON
from warmstation_server.status.evidence import Evidence
from warmstation_server.status.openness import Openness, Posted, next_turn, openness
from warmstation_wire.status import DataState, OpenBasis

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OPEN = Posted(is_open=True, opened_at=NOON - 5 * HOUR, next_change=NOON + 10 * HOUR)
CLOSED = Posted(is_open=False, next_change=NOON + 2 * HOUR)
NOTHING = Evidence()


def seen(ago: timedelta) -> Evidence:
    return Evidence(present_at=NOON - ago)


def watched(length: timedelta) -> Evidence:
    return Evidence(covered=((NOON - length, NOON),))


@pytest.mark.parametrize(
    ("posted", "evidence", "is_open", "basis"),
    [
        (OPEN, NOTHING, True, "schedule"),
        (OPEN, seen(4 * HOUR), True, "observed"),
        (OPEN, seen(5 * HOUR + 10 * MINUTE), True, "observed"),
        (OPEN, seen(6 * HOUR), True, "schedule"),
        (OPEN, watched(2 * HOUR), True, "schedule"),
        (OPEN, watched(4 * HOUR), False, "observed"),
        (CLOSED, NOTHING, False, "schedule"),
        (CLOSED, seen(10 * MINUTE), True, "observed"),
        (CLOSED, seen(20 * MINUTE), False, "schedule"),
        (CLOSED, watched(5 * HOUR), False, "schedule"),
        (Posted(), NOTHING, None, None),
        (Posted(), seen(10 * MINUTE), True, "observed"),
    ],
)
def test_fresh_data_decides_where_it_can(
    posted: Posted, evidence: Evidence, is_open: bool | None, basis: OpenBasis | None
) -> None:
    answer = openness(posted, evidence, "live", is_watching=True, now=NOON)
    assert answer == Openness(is_open, basis)


@pytest.mark.parametrize("data_state", ["offline", "never"])
@pytest.mark.parametrize(
    ("posted", "is_open", "basis"),
    [(OPEN, None, "schedule"), (CLOSED, False, "schedule"), (Posted(), None, None)],
)
def test_without_data_nobody_knows_whether_the_door_is_open(
    data_state: DataState, posted: Posted, is_open: bool | None, basis: OpenBasis | None
) -> None:
    answer = openness(posted, seen(MINUTE), data_state, is_watching=False, now=NOON)
    assert answer == Openness(is_open, basis)


def test_a_blind_station_is_not_called_closed() -> None:
    answer = openness(OPEN, watched(4 * HOUR), "live", is_watching=False, now=NOON)
    assert answer == Openness(True, "schedule")


def test_evidence_of_a_station_that_never_closes_is_forgotten_after_a_day() -> None:
    always = Posted(is_open=True, opened_at=NOON - 100 * HOUR)
    assert openness(always, seen(23 * HOUR), "live", True, NOON) == Openness(True, "observed")
    assert openness(always, seen(25 * HOUR), "live", True, NOON) == Openness(True, "schedule")


@pytest.mark.parametrize(
    ("posted", "evidence"),
    [
        (OPEN, NOTHING),
        (OPEN, seen(4 * HOUR)),
        (CLOSED, NOTHING),
        (CLOSED, seen(10 * MINUTE)),
        (Posted(is_open=True, opened_at=NOON - 100 * HOUR), seen(23 * HOUR)),
    ],
)
def test_nothing_changes_before_the_turn_that_was_foretold(
    posted: Posted, evidence: Evidence
) -> None:
    turn = next_turn(posted, evidence, NOON)
    assert turn is not None
    now = openness(posted, evidence, "live", is_watching=True, now=NOON)
    just_before = turn - timedelta(microseconds=1)
    assert openness(posted, evidence, "live", is_watching=True, now=just_before) == now
