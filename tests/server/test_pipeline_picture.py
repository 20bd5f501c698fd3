"""The pipeline's picture: right every second, whoever is away, comes or goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.pipeline_bench import BASE, Bench, FragileHistory
from tests.support.registered import NOON, message, report, station
from warmstation_server.intake import Message

SECOND = timedelta(seconds=1)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_stations_are_in_the_picture_before_any_report(bench: Bench) -> None:
    bench.turn()
    assert bench.status("ks-never").data_state == "never"
    assert bench.current.get().regions.keys() == {"qiandeng"}


def test_a_report_is_in_the_picture_with_the_next_tick(bench: Bench) -> None:
    bench.turn()
    version = bench.current.get().version
    bench.turn(message(report(1, people={"inside": 3})))
    bench.later(seconds=1)
    assert bench.status().num_people == 3
    assert bench.current.get().version == version + 1


def test_a_picture_with_nothing_new_keeps_its_version(bench: Bench) -> None:
    bench.turn(message(report(1)))
    bench.later(seconds=1)
    version = bench.current.get().version
    bench.later(seconds=1)
    assert bench.current.get().version == version
    assert bench.current.get().at == bench.clock.now()


def test_silence_is_noticed_without_any_message(bench: Bench) -> None:
    bench.turn(message(report(1)))
    for minutes, word in ((2, "live"), (1, "stale"), (15, "offline")):
        bench.later(minutes=minutes)
        assert bench.status().data_state == word


def test_closing_time_is_noticed_without_any_message(bench: Bench) -> None:
    bench.turn()
    assert bench.status().is_scheduled_open is True
    bench.later(minutes=10 * 60)
    assert bench.status().is_scheduled_open is False


def test_status_is_published_when_it_changes_and_not_every_second(bench: Bench) -> None:
    shelf: dict[str, Any] = {"people": {"inside": 3}, "supplies": [{"item": "water", "level": 0.5}]}
    bench.turn(message(report(1, **shelf)))
    bench.later(seconds=1)
    before = len(bench.broker.statuses())
    bench.turn(message(report(2, NOON + SECOND, **shelf)))
    bench.later(seconds=1)
    assert len(bench.broker.statuses()) == before
    bench.turn(message(report(3, NOON + SECOND, **shelf | {"people": {"inside": 4}})))
    bench.later(seconds=1)
    assert bench.broker.statuses()[-1].num_people == 4
    bench.turn(message(report(4, NOON + 31 * SECOND, **shelf | {"people": {"inside": 4}})))
    bench.later(seconds=30)
    assert bench.broker.statuses()[-1].last_reported == NOON + 31 * SECOND


def test_every_status_is_published_again_to_a_new_connection(bench: Bench) -> None:
    bench.turn()
    bench.broker.published.clear()
    bench.broker.connections = 2
    bench.later(seconds=1)
    assert {one.station_id for one in bench.broker.statuses()} == {"ks-songnan", "ks-never"}


def test_a_station_that_is_taken_off_the_registry_leaves_everywhere(bench: Bench) -> None:
    bench.turn(message(report(1)))
    bench.later(seconds=1)
    bench.places.register(station("ks-never"))
    bench.later(seconds=1)
    assert bench.current.get().statuses.keys() == {"ks-never"}
    assert bench.broker.published[-1] == (f"{BASE}/status", b"")
    bench.turn(message(report(2)))
    assert [one.reason for one in bench.shelf.letters] == ["unknown_station"]


def test_a_station_that_is_registered_now_is_heard_from_now_on(bench: Bench) -> None:
    bench.turn()
    bench.places.register(station(), station("ks-new"))
    bench.later(seconds=1)
    bench.turn(message(report(1, station="ks-new")))
    bench.later(seconds=1)
    assert bench.status("ks-new").data_state == "live"


def test_an_absent_registry_changes_nothing(bench: Bench) -> None:
    bench.turn()
    bench.places.is_away = True
    bench.turn(message(report(1)))
    bench.later(seconds=1)
    assert bench.status().data_state == "live"


def test_presence_alone_makes_nobody_live(bench: Bench) -> None:
    bench.turn(Message(f"{BASE}/presence", b'{"v":1,"online":true}', NOON, 1, 1))
    bench.later(seconds=1)
    assert bench.status().data_state == "never"
    assert bench.pipeline.presence["ks-songnan"].online


def test_a_will_does_not_make_fresh_data_old(bench: Bench) -> None:
    bench.turn(message(report(1)))
    bench.turn(Message(f"{BASE}/presence", b'{"v":1,"online":false}', NOON, 1, 2))
    bench.later(seconds=1)
    assert bench.status().data_state == "live"


def a_days_work(bench: Bench, until: datetime) -> None:
    seq = 0
    while bench.clock.now() < until:
        seq += 1
        people = {"inside": 0, "entered": 40 + (seq > 30), "left": 41, "present": False}
        climate = {"room_c": 19.0, "heating": "on"}
        bench.turn(message(report(seq, bench.clock.now(), people=people, climate=climate)))
        bench.later(minutes=1)


def test_after_a_restart_the_picture_is_right_before_the_first_new_report(bench: Bench) -> None:
    a_days_work(bench, NOON + timedelta(hours=1))
    again = Bench(bench.history)
    again.clock.step(bench.clock.now())
    again.turn()
    assert again.status() == bench.status()
    assert again.status().open_basis == "observed"
    assert again.current.get().statuses.keys() == bench.current.get().statuses.keys()


def test_a_history_that_is_away_at_the_start_is_waited_for() -> None:
    history = FragileHistory([])
    history.is_away = True
    bench = Bench(history)
    bench.turn()
    assert bench.status().data_state == "never"
    history.is_away = False
    bench.later(seconds=1)
    bench.turn(message(report(1)))
    bench.later(seconds=1)
    assert bench.status().data_state == "live"
