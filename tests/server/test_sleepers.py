"""A start that does not wait until all is read: who is judged when, by what is known of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.registered import NOON, FixedPlaces, received, station
from tests.support.watched import HOUR, MINUTE
from warmstation_server.alerts.condition import Condition
from warmstation_server.history import Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.roster import Roster

NAMES = [f"ks-{number:03d}" for number in range(30)]
FIRST, LAST = NAMES[0], NAMES[-1]
STOP = NOON + 5 * MINUTE
DEAD = [{"id": "e1", "kind": "ebike", "state": "outoforder", "power_w": 0.0}]
HOT = [{"sensor": "e1", "reason": "overheat"}]


class Server:
    """A watch over a history that may be away; nothing is read before somebody says so."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.path = folder / "watch.db"
        self.roster = Roster(FixedPlaces(*(station(name) for name in names or NAMES)))
        self.roster.refresh()
        self.history = Moody(ZoneInfo("Asia/Shanghai"))
        self.told: list[Condition] = []
        self.watch = KeptWatch(self.path, self.roster)

    def starts(self, decided: datetime | None, now: datetime, within_s: float = -1.0) -> None:
        self.watch = KeptWatch(self.path, self.roster)
        self.watch.catch_up(self.history, decided, now, within_s)

    def hears(self, *batch: Received, at: datetime | None = None) -> set[str]:
        self.history.append(batch)
        urgent = self.watch.after_reports(batch)
        self.looks(at or batch[-1].received_at, *(one.station for one in batch))
        return urgent

    def looks(self, at: datetime, *names: str) -> None:
        self.told += self.watch.conditions(names, at)

    def wakes_all(self, now: datetime) -> None:
        self.watch.remember(now, within_s=60)
        self.looks(now)

    def asleep(self) -> list[str]:
        return [name for name in NAMES if self.watch.is_asleep(name)]

    def states(self) -> list[bytes | None]:
        return [self.watch._watch.state(name) for name in NAMES]

    def news(self) -> set[tuple[str, str, bool | None, datetime]]:
        return {(one.station, one.name, one.holds, one.at) for one in self.told}


class Moody(MemoryHistory):
    """May be away."""

    is_away = False

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """As it is, when it is there."""
        if self.is_away:
            raise HistoryAway("gone")
        return super().reports(station, start, end)


def five_minutes(folder: Path) -> Server:
    """It has heard all of them five times, and kept what it knew after three."""
    one = Server(folder)
    for seq in range(1, 6):
        at = NOON + (seq - 1) * MINUTE
        one.hears(*(received(seq, at, station=name) for name in NAMES))
        if seq == 3:
            one.watch.write(at)
    one.told.clear()
    return one


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Killed after five minutes."""
    return five_minutes(tmp_path)


def kept(path: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(path)) as file:
        return dict(file.execute("SELECT id, state FROM station"))


def live(seq: int) -> list[Received]:
    """A minute of everybody, one of them with a dead charger."""
    at = STOP + (seq - 6) * MINUTE
    well = [received(seq, at, station=name) for name in NAMES[:-1]]
    return [*well, received(seq, at, station=LAST, chargers=DEAD)]


@pytest.mark.parametrize("is_slow", [False, True])
def test_who_is_read_late_knows_and_tells_the_same(
    server: Server, tmp_path: Path, *, is_slow: bool
) -> None:
    server.starts(STOP, STOP, within_s=-1.0 if is_slow else 60)
    assert len(server.asleep()) == (20 if is_slow else 0)
    for seq in (6, 7):
        server.hears(*live(seq))
    server.wakes_all(STOP + MINUTE)
    (tmp_path / "other").mkdir()
    never_stopped = five_minutes(tmp_path / "other")
    for seq in (6, 7):
        never_stopped.hears(*live(seq))
    assert server.news() == never_stopped.news()
    assert {one.station for one in server.told} == {LAST}
    assert server.states() == never_stopped.states()


def test_until_its_turn_comes_nothing_is_judged_and_nothing_written(server: Server) -> None:
    server.starts(STOP, STOP)
    rows = kept(server.path)
    server.hears(*live(6))
    server.looks(STOP + 14 * MINUTE)
    assert LAST in server.asleep()
    assert server.told == []
    server.watch.keep(STOP + 6 * MINUTE)
    server.watch.close(STOP + 7 * MINUTE)
    sleeping = server.asleep()
    assert {name: kept(server.path)[name] for name in sleeping} == {
        name: rows[name] for name in sleeping
    }
    again = STOP + 8 * MINUTE
    server.starts(again, again, within_s=60)  # all but this was decided upon meanwhile
    server.looks(again)
    assert LAST in {one.station for one in server.told}


def test_danger_is_judged_at_once_by_all_that_is_known(server: Server) -> None:
    server.starts(STOP, STOP)
    calm = received(6, STOP, station=LAST, chargers=DEAD)
    assert server.hears(calm) == set()
    assert LAST in server.asleep()
    hot = received(7, STOP + MINUTE, station=LAST, faults=HOT)
    assert server.hears(hot, received(8, STOP + 2 * MINUTE, station=LAST, faults=HOT)) == {LAST}
    assert LAST not in server.asleep()
    told = [(one.name, one.holds) for one in server.told]
    assert ("chargers.overheat", True) in told
    assert len([one for one in told if one == ("chargers.overheat", True)]) == 1
    assert server.watch._watch.state(LAST) is not None
    assert server.watch._watch.has_taken(calm)


def test_danger_does_not_wait_for_a_history_that_is_away_and_the_others_do(server: Server) -> None:
    server.starts(STOP, STOP)
    server.history.is_away = True
    hot = received(6, STOP, station=LAST, faults=HOT)
    assert server.watch.after_reports([hot]) == {LAST}
    server.watch.remember(STOP)
    assert len(server.asleep()) == 19
    server.history.is_away = False
    server.watch.remember(STOP + MINUTE, within_s=60)
    assert server.asleep() == []


def test_a_report_that_the_history_would_not_be_asked_for_is_judged_at_once(
    server: Server,
) -> None:
    server.starts(STOP, STOP)
    old = received(6, STOP - 5 * HOUR, timedelta(hours=5, minutes=1), station=LAST)
    server.hears(old)
    assert LAST not in server.asleep()
    assert server.watch._watch.has_taken(old)


def test_the_silence_of_sleepers_is_nobodys_news(server: Server) -> None:
    server.history = Moody(ZoneInfo("Asia/Shanghai"))  # it has nothing to say of them
    server.starts(STOP, STOP)
    for minute in range(30):
        server.looks(STOP + minute * MINUTE)
    told = {one.station for one in server.told if one.holds}
    assert told == set(NAMES) - set(server.asleep())
    server.wakes_all(STOP + 30 * MINUTE)
    server.looks(STOP + 31 * MINUTE)
    assert {one.station for one in server.told if one.name == "station.offline"} == set(NAMES)
    assert not [one for one in server.told if one.name == "station.never_heard"]


def test_a_restock_is_heard_when_it_wakes_and_who_is_gone_never_wakes(server: Server) -> None:
    server.starts(STOP, STOP)
    server.watch.restocked(LAST, "water", STOP)
    assert LAST in server.asleep()
    server.roster = server.watch._roster = Roster(FixedPlaces(*(station(n) for n in NAMES[10:])))
    server.roster.refresh()
    server.watch._watch._registered = server.roster
    server.watch.registry_changed()
    assert FIRST not in server.asleep()
    server.wakes_all(STOP)
    assert set(server.watch._watch.known) == set(NAMES[10:])
