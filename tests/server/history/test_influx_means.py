"""Hourly means of reports that came too late for the task: which hours are asked for, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.server.history.reports import HOUR, MINUTE, SHANGHAI, START, busy
from tests.support import influx
from tests.support.influx_fake import fake_influx
from tests.support.patience import eventually
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_door import Door, Place
from warmstation_server.history.influx_means import HOURLY, Means
from warmstation_server.history.influx_rows import Buckets
from warmstation_server.history.received import microseconds

AT_US = microseconds(START)
HOUR_US, TEN_MINUTES_US = 3_600_000_000, 600_000_000
WEEK = timedelta(days=7)


class Asking(Door):
    """Keeps what it is asked, and does what it is given aside when it is told to."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.asked: list[tuple[object, int]] = []
        self.waiting: list[tuple[Callable[[], None], Future[None]]] = []
        self.is_away = False

    def rows(self, flux: str, params: object) -> Iterator[dict[str, str]]:
        assert isinstance(params, dict)
        if self.is_away:
            raise HistoryAway("for now")
        self.asked.append(
            (params["station"], (params["stop"] - params["start"]) // 1000 // HOUR_US)
        )
        return iter(())

    def aside(self, work: Callable[[], None]) -> Future[None]:
        self.waiting.append((work, Future()))
        return self.waiting[-1][1]

    def work(self) -> None:
        for work, told in self.waiting:
            try:
                work()
            except HistoryAway as error:
                told.set_exception(error)
            else:
                told.set_result(None)
        self.waiting.clear()


@pytest.fixture
def door() -> Iterator[Asking]:
    with fake_influx() as fake, closing(Asking(fake.place)) as found:
        yield found


def touched(means: Means, station: str, *hours: int) -> None:
    for hour in hours:
        means.touch(station, AT_US + hour * HOUR_US, AT_US + 168 * HOUR_US)


def test_hours_that_came_late_are_averaged_ten_minutes_later_and_are_then_forgotten(
    door: Asking,
) -> None:
    means = Means(door, Buckets("raw", "kept"))
    touched(means, "a", 0, 1, 2, 7)
    means.touch("b", AT_US, AT_US + 4 * HOUR_US)  # the task sees this one
    assert [line.split(" ")[0] for line in means.lines()] == ["late,station=a"]
    means.told()
    for after_us in (0, TEN_MINUTES_US - 1, TEN_MINUTES_US, TEN_MINUTES_US + 1):
        means.turn(AT_US + after_us, 0)
    door.work()
    assert door.asked == [("a", 3), ("a", 1)]
    means.turn(AT_US + 2 * TEN_MINUTES_US, 0)
    assert list(means.lines()) == ['late,station=a text="" 0']


def test_what_is_touched_while_it_is_averaged_waits_on(door: Asking) -> None:
    means = Means(door, Buckets("raw", "kept"))
    touched(means, "a", 0)
    touched(means, "b", 0)
    means.turn(AT_US, 0)
    means.turn(AT_US + TEN_MINUTES_US, 0)
    touched(means, "a", 0)
    door.work()
    for after in (2, 3):
        means.turn(AT_US + after * TEN_MINUTES_US, 0)
    door.work()
    assert [station for station, _ in door.asked] == ["a", "b", "a"]


def test_a_database_that_is_away_is_asked_again_and_so_is_one_that_is_told_after_a_start(
    door: Asking,
) -> None:
    means = Means(door, Buckets("raw", "kept"))
    touched(means, "a", 0, 1)
    (line,) = means.lines()
    door.is_away = True
    means.turn(AT_US, 0)
    means.turn(AT_US + TEN_MINUTES_US, 0)
    door.work()
    door.is_away = False
    again = Means(door, Buckets("raw", "kept"))
    again.recall("a", line.split('"')[1])
    for one in (means, again):
        for after in (2, 3):
            one.turn(AT_US + after * TEN_MINUTES_US, 0)
        door.work()
    assert door.asked == [("a", 2), ("a", 2)]


def test_an_hour_that_is_forgotten_in_part_has_no_mean(door: Asking) -> None:
    means = Means(door, Buckets("raw", "kept"))
    touched(means, "a", 0, 1, 2)
    means.turn(AT_US, 0)
    means.turn(AT_US + TEN_MINUTES_US, AT_US + 1)
    door.work()
    assert door.asked == [("a", 2)]


def test_a_week_that_a_station_was_away_has_its_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a real InfluxDB: the server is killed before it averages, and the next one does."""
    back = START + WEEK
    late = [busy(seq, (seq - 1) * 30 * MINUTE, received_at=back) for seq in range(1, 337)]
    with influx.fresh_buckets(influx.place()) as where, closing(Door(where[0])) as door:
        killed = InfluxHistory(*where, SHANGHAI)
        assert len(killed.append(late)) == 336
        monkeypatch.setattr(killed, "_is_reader", True)  # it stores nothing more
        killed.close()
        assert _means(door, where[1]) == {}
        with closing(InfluxHistory(*where, SHANGHAI)) as history:
            for minute in (1, 12):
                history.append([busy(400 + minute, WEEK + minute * MINUTE)])
            eventually(lambda: len(_means(door, where[1])) == 4 * (168 - 4))
        found = _means(door, where[1])
    warm = [one.report.climate.room_c for one in late[2:4] if one.report.climate]
    assert found["room_c", START + HOUR] == sum(filter(None, warm)) / 2
    assert ("room_c", back - 4 * HOUR) not in found, "that one is the task's"


def _means(door: Door, buckets: Buckets) -> dict[tuple[str, datetime], float]:
    flux = """from(bucket: bucket) |> range(start: time(v: 0), stop: time(v: stop))
      |> filter(fn: (r) => r._measurement == measurement)"""
    stop = (AT_US + 30 * 24 * HOUR_US) * 1000
    rows = door.rows(flux, {"bucket": buckets.kept, "measurement": HOURLY, "stop": stop})
    return {
        (row["_field"], datetime.fromisoformat(row["_time"])): float(row["_value"]) for row in rows
    }
