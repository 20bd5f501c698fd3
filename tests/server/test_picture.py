"""What a turn says has changed is what has changed, though it looks at few stations."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from tests.support.registered import NOON, FixedPlaces, report, station
from warmstation_server.history import Received
from warmstation_server.picture import Picture
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot, Told
from warmstation_server.status.against import Against
from warmstation_server.status.board import Board

NAMES = [f"st-{number}" for number in range(6)]
SECOND = timedelta(seconds=1)


def told(name: str, seq: int, second: int) -> Received:
    at = NOON + second * SECOND
    return Received(report(seq, at, station=name), "kunshan", at)


def warm(name: str) -> Received:
    return Received(report(1, NOON, station=name, climate={"room_c": 20.0}), "kunshan", NOON)


def test_news_and_tally_are_those_of_a_look_at_everybody() -> None:
    dice = random.Random(3)
    roster = Roster(FixedPlaces(*(station(name) for name in NAMES)))
    current, board = Current(Snapshot(NOON)), Board()
    picture = Picture(roster, current)
    for second in range(0, 2_400, 7):
        batch = [told(name, second + 1, second) for name in NAMES if dice.random() < 0.01]
        before = dict(current.get().statuses)
        picture.turn(board, board.fold(batch), {}, NOON + second * SECOND)
        now = current.get().statuses
        assert picture.news == {name for name in now if before.get(name) != now[name]}
        assert +picture.data_states == Counter(one.data_state for one in now.values())
        assert current.get().next_change.keys() == now.keys()
    fresh = Picture(roster, Current(Snapshot(NOON)))
    assert fresh.turn(board, set(), {}, NOON + second * SECOND).statuses == now
    assert len(+picture.data_states) > 1, "some are silent, some are not"


def test_a_quiet_turn_copies_nothing() -> None:
    roster = Roster(FixedPlaces(station("st-1")))
    current = Current(Snapshot(NOON))
    picture = Picture(roster, current)
    before = replace(picture.turn(Board(), set(), {}, NOON))
    after = picture.turn(Board(), set(), {}, NOON + SECOND)
    assert after.statuses is before.statuses
    assert after.next_change is before.next_change
    assert after.version == before.version
    assert not picture.news


def test_who_said_nothing_is_looked_at_when_an_alert_speaks_against_its_last_word() -> None:
    roster = Roster(FixedPlaces(*(station(name) for name in NAMES)))
    picture, board = Picture(roster, Current(Snapshot(NOON))), Board()
    picture.turn(board, board.fold([warm(name) for name in NAMES]), {}, NOON)
    dead = Told(against={"st-1": Against(heating=frozenset({"heating.no_heat"}))})
    after = picture.turn(board, set(), {}, NOON + SECOND, dead)
    assert picture.news == {"st-1"}
    assert after.statuses["st-1"].heating_state == "fault"
    picture.turn(board, set(), {}, NOON + 2 * SECOND, dead)
    assert not picture.news
    mended = picture.turn(board, set(), {}, NOON + 3 * SECOND)
    assert picture.news == {"st-1"}
    assert mended.statuses["st-1"].heating_state == "ok"
