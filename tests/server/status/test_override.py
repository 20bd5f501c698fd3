"""What somebody says by hand goes before what a sensor or a sign at the door says, and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.registered import NOON, FixedPlaces, station
from warmstation_server.picture import Picture
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Answer, Current, Snapshot
from warmstation_server.status.board import Board
from warmstation_server.status.evidence import Evidence
from warmstation_server.status.openness import Openness, Posted, next_turn, openness
from warmstation_server.status.override import Override
from warmstation_wire.status import DataState

HOUR = timedelta(hours=1)
CLOSED = Override("ks-songnan", False, "水管维修", NOON - HOUR, NOON + 2 * HOUR, "li")
POSTED = Posted(is_open=True, opened_at=NOON - 5 * HOUR, next_change=NOON + 10 * HOUR)
SEEN = Evidence(present_at=NOON)


@pytest.mark.parametrize("data_state", ["live", "stale", "offline", "never"])
def test_somebodys_word_holds_whatever_the_sensors_say(data_state: DataState) -> None:
    posted = replace(POSTED, manual=CLOSED)
    assert openness(posted, SEEN, data_state, True, NOON) == Openness(False, "manual")
    assert openness(posted, SEEN, "live", True, NOON + 2 * HOUR) == Openness(True, "observed")


def test_a_word_that_was_taken_back_holds_no_longer() -> None:
    assert not replace(CLOSED, ended_at=NOON).holds(NOON)
    assert replace(CLOSED, ended_at=NOON).holds(NOON - timedelta(seconds=1))
    assert not CLOSED.holds(NOON - 2 * HOUR)


def test_the_status_is_looked_at_again_when_the_word_ends() -> None:
    assert next_turn(replace(POSTED, manual=CLOSED), Evidence(), NOON) == NOON + 2 * HOUR


class Said:
    """What staff said; the registry's part."""

    def __init__(self) -> None:
        self.held: list[Override] = []
        self.told: list[Answer] = []

    def standing(self) -> list[Override]:
        return self.held

    def answers(self) -> list[Answer]:
        return self.told


def test_the_picture_shows_it_with_its_reason_until_it_ends() -> None:
    said, places = Said(), FixedPlaces(station())
    roster, current = Roster(places, said), Current(Snapshot(NOON))
    roster.refresh()
    picture, board = Picture(roster, current), Board()
    picture.turn(board, frozenset(), {}, NOON)
    assert current.get().statuses["ks-songnan"].open_basis == "schedule"
    said.held = [CLOSED]
    said.told = [Answer("ks-songnan", "cold", NOON - HOUR, NOON, "修好了")]
    places.register(station())
    picture.turn(board, frozenset(), {}, NOON)
    shown = current.get()
    status = shown.statuses["ks-songnan"]
    assert (status.is_open, status.open_basis, status.is_scheduled_open) == (False, "manual", True)
    assert shown.overrides["ks-songnan"].reason == "水管维修"
    assert shown.answers["ks-songnan"][0].text == "修好了"
    later = picture.turn(board, frozenset(), {}, NOON + 2 * HOUR)
    assert later.version > shown.version
    assert later.statuses["ks-songnan"].open_basis == "schedule"
