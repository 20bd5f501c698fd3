"""What can wait: the usual busy hours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.clocks import FakeClock
from tests.support.registered import NOON, FixedPlaces, received, station
from warmstation_server.chores import AGAIN, EVERY, KEPT, TURNS, Chores
from warmstation_server.history import Step, Usage
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.roster import Roster


def chores(history: MemoryHistory) -> Chores:
    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    return Chores(history, roster, FakeClock(NOON), ZoneInfo("Asia/Shanghai"))


def test_busy_hours_come_from_what_was_measured() -> None:
    history = MemoryHistory()
    at = NOON - timedelta(hours=1)
    history.append(
        [received(n, at + n * timedelta(minutes=1), people={"inside": 4}) for n in range(1, 20)]
    )
    found = chores(history)
    assert found.turn(NOON) == EVERY
    assert found.busy["ks-songnan"][11] == 4
    assert found.busy["ks-songnan"][10] is None


def test_after_the_first_turn_each_station_has_its_hour_of_the_day() -> None:
    class Counting(MemoryHistory):
        asked: list[str]

        def usage(
            self, stations: Collection[str], start: datetime, end: datetime, step: Step
        ) -> dict[str, list[Usage]]:
            self.asked += stations
            return {}

    history, names = Counting(), [f"ks-{number:02d}" for number in range(60)]
    roster = Roster(FixedPlaces(*map(station, names)))
    roster.refresh()
    found = Chores(history, roster, FakeClock(NOON), ZoneInfo("Asia/Shanghai"))
    history.asked = []
    found.turn(NOON)
    assert sorted(history.asked) == names
    history.asked = []
    for hour in range(1, TURNS + 1):
        found.turn(NOON + hour * EVERY)
        assert len(history.asked) <= 3 * hour
    assert sorted(history.asked) == names


def test_chores_wait_for_a_history_that_is_away() -> None:
    class Away(MemoryHistory):
        def usage(self, *_: object) -> dict[str, list[object]]:  # type: ignore[override]
            raise HistoryAway("locked")

    found = chores(Away())
    assert found.turn(NOON) == AGAIN
    assert found.busy == {}


def test_what_is_long_over_is_forgotten_until_nothing_is_left() -> None:
    class Keeps:
        left = 3

        def __init__(self, kept: timedelta) -> None:
            self.kept = kept

        def forget(self, before: datetime) -> int:
            assert before == NOON - self.kept
            self.left -= 1
            return max(0, self.left)

    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    kept = Keeps(KEPT), Keeps(2 * KEPT)
    clock, zone = FakeClock(NOON), ZoneInfo("Asia/Shanghai")
    assert (
        Chores(MemoryHistory(), roster, clock, zone, [(one, one.kept) for one in kept]).turn(NOON)
        == EVERY
    )
    assert [one.left for one in kept] == [0, 0]


def test_chores_wait_for_a_registry_that_is_away() -> None:
    class Away:
        def forget(self, before: datetime) -> int:
            raise ConnectionError("locked")

    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    clock, zone = FakeClock(NOON), ZoneInfo("Asia/Shanghai")
    assert Chores(MemoryHistory(), roster, clock, zone, [(Away(), KEPT)]).turn(NOON) == AGAIN
