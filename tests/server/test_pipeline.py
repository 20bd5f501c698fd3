"""The pipeline: commit before acknowledgement, and a picture that is right every second."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.registered import DISTRICT, NOON, FixedPlaces, message, report, station
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.history import Received
from warmstation_server.history.errors import HistoryAway, PartlyRefused
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.intake import Message
from warmstation_server.intake.packets import Outgoing
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.pipeline import LAST_RETRY, Pace, Parts, Pipeline
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import Receipt, Report, StationStatus, decode

BASE = f"warmstation/v1/{DISTRICT}/ks-songnan"
SECOND = timedelta(seconds=1)


class Broker:
    """Remembers what was acknowledged and published, in the order in which it happened."""

    def __init__(self, journal: list[str]) -> None:
        self.journal = journal
        self.acknowledged: list[Message] = []
        self.published: list[tuple[str, bytes]] = []
        self.connections = 1
        self.waiting: list[Message] = []

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def acknowledge(self, messages: Sequence[Message]) -> None:
        self.journal.append("acknowledge")
        self.acknowledged.extend(messages)

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        for topic, payload, _ in messages:
            self.journal.append(topic.rpartition("/")[2])
            self.published.append((topic, payload))
        return True

    def receipts(self) -> list[Receipt]:
        return [decode(Receipt, payload) for topic, payload in self.published if "/rec" in topic]

    def statuses(self) -> list[StationStatus]:
        found = [payload for topic, payload in self.published if topic.endswith("/status")]
        return [decode(StationStatus, payload) for payload in found]


class FragileHistory(MemoryHistory):
    """A history that is away while `is_away`."""

    def __init__(self, journal: list[str]) -> None:
        super().__init__()
        self.journal = journal
        self.is_away = False
        self.patience = timedelta()
        self.unstorable: set[int] = set()

    def latest(self) -> Iterator[Received]:
        if self.is_away:
            raise HistoryAway("no route to host", self.patience)
        return super().latest()

    def append(self, batch: Sequence[Received]) -> Sequence[Received]:
        if self.is_away:
            raise HistoryAway("the disk is full", self.patience)
        self.journal.append("commit")
        refused = [(one, "no field") for one in batch if one.report.seq in self.unstorable]
        fresh = super().append([one for one in batch if one.report.seq not in self.unstorable])
        if refused:
            raise PartlyRefused(fresh, refused)
        return fresh


class Shelf:
    """Dead letters in a list."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.is_broken = False

    def add(self, letters: Sequence[DeadLetter]) -> None:
        if self.is_broken:
            raise sqlite3.OperationalError("disk I/O error")
        self.letters.extend(letters)


class Bench:
    """A pipeline with everything around it in memory."""

    def __init__(self, history: FragileHistory | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.journal: list[str] = history.journal if history else []
        self.history = history or FragileHistory(self.journal)
        self.broker = Broker(self.journal)
        self.shelf = Shelf()
        self.places = FixedPlaces(station(), station("ks-never"))
        self.current = Current(Snapshot(NOON))
        self.metrics = Metrics()
        roster = Roster(self.places)
        roster.refresh()
        parts = Parts(
            transport=self.broker,
            sender=self.broker,
            history=self.history,
            letters=self.shelf,
            roster=roster,
            picture=Picture(roster, self.current),
            metrics=self.metrics,
            clock=self.clock,
        )
        self.pipeline = Pipeline(parts, Pace())

    def turn(self, *messages: Message) -> None:
        self.pipeline.turn(messages, self.clock.now())

    def later(self, **passed: float) -> None:
        """Let time pass, and one tick with it."""
        self.clock.advance(**passed)
        self.turn()

    def status(self, id_: str = "ks-songnan") -> StationStatus:
        return self.current.get().statuses[id_]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_report_is_committed_then_receipted_then_acknowledged(bench: Bench) -> None:
    """Else an intake that dies in between leaves a station without its receipt for ever."""
    bench.turn(message(report(1)))
    assert bench.journal[:3] == ["commit", "receipt", "acknowledge"]


def test_one_receipt_covers_all_of_a_station_in_a_batch(bench: Bench) -> None:
    bench.turn(*(message(report(seq)) for seq in (4, 1, 2, 3, 7)))
    assert bench.broker.receipts() == [Receipt.of("9f3c", (1, 2, 3, 4, 7))]
    assert bench.broker.published[0][0] == f"{BASE}/receipt"


def test_a_repeat_is_stored_once_and_receipted_again(bench: Bench) -> None:
    bench.turn(message(report(1)))
    bench.turn(message(report(1), mid=2))
    assert len(list(bench.history.reports("ks-songnan", NOON, NOON + SECOND))) == 1
    assert len(bench.broker.receipts()) == 2
    assert len(bench.broker.acknowledged) == 2
    assert b'messages_total{outcome="repeated"} 1.0' in bench.metrics.render()


def test_nothing_is_acknowledged_while_the_history_is_away(bench: Bench) -> None:
    bench.history.is_away = True
    bench.turn(message(report(1)))
    bench.later(seconds=10)
    assert bench.pipeline.is_holding
    assert bench.broker.acknowledged == []
    assert bench.broker.receipts() == []
    assert b"warmstation_history_away 1.0" in bench.metrics.render()


def test_a_held_batch_is_stored_when_the_history_is_back(bench: Bench) -> None:
    bench.history.is_away = True
    bench.turn(message(report(1)))
    bench.history.is_away = False
    bench.later(seconds=1)
    assert not bench.pipeline.is_holding
    assert len(bench.broker.acknowledged) == 1
    assert len(bench.broker.receipts()) == 1


def test_an_absent_history_is_asked_less_and_less_often(bench: Bench) -> None:
    bench.history.is_away = True
    bench.turn(message(report(1)))
    for _ in range(20):
        bench.later(seconds=31)
    bench.history.is_away = False
    bench.later(seconds=LAST_RETRY.total_seconds() - 2)
    assert bench.pipeline.is_holding
    bench.later(seconds=2)
    assert not bench.pipeline.is_holding


def test_a_history_that_asks_to_be_left_alone_is(bench: Bench) -> None:
    bench.history.is_away, bench.history.patience = True, timedelta(seconds=45)
    bench.turn(message(report(1)))
    bench.history.is_away = False
    bench.later(seconds=44)
    assert bench.pipeline.is_holding
    bench.later(seconds=1)
    assert not bench.pipeline.is_holding


def test_what_the_storage_never_takes_is_a_dead_letter_and_stops_nobody(bench: Bench) -> None:
    bench.history.unstorable = {2}
    sent = [message(report(seq), mid=seq) for seq in (1, 2, 3)]
    bench.turn(*sent)
    (letter,) = bench.shelf.letters
    assert (letter.topic, letter.reason, letter.detail) == (
        f"{BASE}/report",
        "unstorable",
        "no field",
    )
    assert decode(Report, letter.payload).seq == 2
    assert bench.broker.acknowledged == sent
    assert bench.broker.receipts() == [Receipt.of("9f3c", (1, 3))]
    said = bench.metrics.render()
    assert b'messages_total{outcome="stored"} 2.0' in said
    assert b'messages_total{outcome="unstorable"} 1.0' in said
    assert b'outcome="repeated"' not in said


def test_the_picture_ages_while_the_history_is_away(bench: Bench) -> None:
    bench.turn(message(report(1)))
    bench.later(seconds=1)
    bench.history.is_away = True
    bench.turn(message(report(2)))
    bench.later(minutes=3)
    assert bench.status().data_state == "stale"


def test_what_is_refused_is_kept_counted_and_acknowledged(bench: Bench) -> None:
    bad = message(report(1))._replace(payload=b"{")
    bench.turn(bad)
    assert [one.reason for one in bench.shelf.letters] == ["not_json"]
    assert bench.broker.acknowledged == [bad]
    assert bench.broker.receipts() == []
    assert b'messages_total{outcome="not_json"} 1.0' in bench.metrics.render()


def test_dead_letters_that_cannot_be_kept_stop_nobody(bench: Bench) -> None:
    bench.shelf.is_broken = True
    bad, good = message(report(1))._replace(payload=b"{"), message(report(2), mid=2)
    bench.turn(bad, good)
    assert bench.broker.acknowledged == [bad, good]


def test_a_refusal_is_logged_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bad = message(report(1))._replace(payload=b"{")
    bench.turn(bad, bad)
    bench.turn(bad)
    assert len([one for one in caplog.messages if one.startswith("refused")]) == 1


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


class OneRound(threading.Event):
    """Ends `run` after one round, and remembers for how long that waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []
        self._rounds = 1

    def is_set(self) -> bool:
        self._rounds -= 1
        return self._rounds < 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waits_s.append(timeout or 0.0)
        return False


@pytest.mark.parametrize(("age_ms", "waited_s"), [(0, 0.15), (100, 0.05), (150, 0.0), (5000, 0.0)])
def test_a_batch_waits_from_its_first_message_and_not_longer(
    bench: Bench, age_ms: int, waited_s: float
) -> None:
    bench.turn()
    received_at = bench.clock.now() - timedelta(milliseconds=age_ms)
    bench.broker.waiting = [message(report(1))._replace(received_at=received_at)]
    round_ = OneRound()
    bench.pipeline.run(round_)
    assert round_.waits_s == [pytest.approx(waited_s)]
    assert len(bench.broker.acknowledged) == 1
