"""Stations that a server has not heard since it began to look: new ones, and silent ones."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.registered import NOON, FixedPlaces, received, station
from tests.support.watched import HOUR, MINUTE, Registry, Watching
from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.watch import Watch
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.roster import Roster


def looked(watch: Watch | KeptWatch, minutes: int, first: int = 0) -> list[Condition]:
    return [
        one
        for step in range(3 * first, 3 * minutes + 1)
        for one in watch.conditions((), NOON + step * MINUTE / 3)
    ]


def test_a_registered_station_that_never_reported_is_told_as_such_and_once() -> None:
    watch = Watch(Registry(station(), station("ks-other")))
    assert looked(watch, 14) == []
    told = looked(watch, 120, 15)
    assert [(one.station, one.name, one.holds) for one in told] == [
        ("ks-songnan", "station.never_heard", True),
        ("ks-other", "station.never_heard", True),
    ]


def test_its_first_report_ends_it() -> None:
    one = Watching()
    one.look(NOON + HOUR)
    assert one.holds("station.never_heard") is True
    one.report()
    assert one.holds("station.never_heard") is False
    assert one.holds("station.offline") is False


def test_a_server_that_hears_nobody_calls_nobody_new() -> None:
    watch = Watch(Registry(station()))
    for minute in range(60):
        watch.deaf(NOON + minute * MINUTE)
        assert list(watch.conditions((), NOON + minute * MINUTE)) == []


def test_who_was_heard_before_the_first_start_is_offline_and_not_new() -> None:
    watch = Watch(Registry(station()))
    watch.heard_before("ks-songnan", NOON - 5 * HOUR)
    assert looked(watch, 14) == []
    told = looked(watch, 16, 15)
    assert [(one.name, one.holds, one.since) for one in told] == [
        ("station.offline", True, NOON - 5 * HOUR)
    ]
    assert told[0].value == 315


def test_a_station_registered_later_is_told_of_too() -> None:
    registry = Registry(station())
    watch = Watch(registry)
    watch.after_reports([received(1)])
    looked(watch, 5)
    registry.stations = {one.id: one for one in (station(), station("ks-new"))}
    watch.registry_changed()
    told = [one.station for one in looked(watch, 16, 6) if one.name == "station.never_heard"]
    assert told == ["ks-new"]


def test_a_first_start_over_an_old_history_knows_who_is_silent(tmp_path: Path) -> None:
    roster = Roster(FixedPlaces(station(), station("ks-new")))
    roster.refresh()
    history = SqliteHistory(tmp_path / "h.db", ZoneInfo("Asia/Shanghai"))
    history.append([received(1, NOON - timedelta(days=2))])
    watch = KeptWatch(tmp_path / "watch.state", roster)
    watch.catch_up(history, None, NOON)
    history.close()
    told = {one.station: one for one in looked(watch, 20)}
    assert (told["ks-songnan"].name, told["ks-new"].name) == (
        "station.offline",
        "station.never_heard",
    )
    assert told["ks-songnan"].since == NOON - timedelta(days=2)


def test_a_restart_after_that_says_it_again_and_a_report_in_between_ends_it(
    tmp_path: Path,
) -> None:
    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    watch = KeptWatch(tmp_path / "watch.state", roster)
    assert [one.name for one in looked(watch, 16)] == ["station.never_heard"]
    watch.write(NOON + 16 * MINUTE)
    history = MemoryHistory(ZoneInfo("Asia/Shanghai"))
    history.append([received(1, NOON + 17 * MINUTE)])
    again = KeptWatch(tmp_path / "watch.state", roster)
    again.catch_up(history, NOON + 16 * MINUTE, NOON + 18 * MINUTE)
    told = list(again.conditions((), NOON + 18 * MINUTE))
    told += again.conditions({"ks-songnan"}, NOON + 18 * MINUTE)
    assert ("station.never_heard", False) in [(one.name, one.holds) for one in told]


def test_a_first_backlog_followed_by_silence_is_offline() -> None:
    one = Watching()
    one.report(NOON - 2 * HOUR, 2 * HOUR)
    one.look(NOON + 20 * MINUTE)
    assert one.holds("station.offline") is True


@pytest.mark.parametrize("was_heard_here", [True, False])
def test_a_station_that_is_brought_back_was_heard_before_and_is_not_new(
    *, was_heard_here: bool
) -> None:
    registry = Registry(station()) if was_heard_here else Registry()
    watch = Watch(registry)
    if was_heard_here:
        watch.after_reports([received(1)])
    else:
        watch.heard_before("ks-songnan", NOON)
    looked(watch, 5)
    registry.stations = {}
    watch.registry_changed()
    looked(watch, 30, 6)
    registry.stations = {"ks-songnan": station()}
    watch.registry_changed()
    told = [(one.name, one.since) for one in looked(watch, 60, 31) if one.holds]
    assert ("station.offline", NOON) in told
    assert "station.never_heard" not in [name for name, _ in told]


def test_a_station_is_missed_though_it_was_heard_by_a_clock_that_was_ahead() -> None:
    watch = Watch(Registry(station()))
    ahead = 24 * HOUR
    watch.after_reports([received(1)])
    looked(watch, 2)
    watch.after_reports([received(2, NOON + 2 * MINUTE, late=ahead)])
    list(watch.conditions({"ks-songnan"}, NOON + ahead + 2 * MINUTE))
    told = [(one.name, one.holds, one.since) for one in looked(watch, 25, 3)]
    assert ("station.offline", True, NOON) in told
