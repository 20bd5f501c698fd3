"""The pipeline: commit before acknowledgement, and what happens to what cannot be stored."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.support.pipeline_bench import BASE, Bench
from tests.support.registered import NOON, message, report, station
from warmstation_server.pipeline import LAST_RETRY
from warmstation_wire import Receipt, Report, decode

SECOND = timedelta(seconds=1)


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


def test_what_comes_when_retention_has_passed_over_it_is_receipted_and_counted(
    bench: Bench,
) -> None:
    old, unset = NOON - timedelta(days=91), NOON.replace(year=1970)
    said = [message(report(2, old)), message(report(3, unset, clock="unsynced"))]
    bench.turn(message(report(1)), *(one._replace(received_at=NOON) for one in said))
    assert bench.broker.receipts() == [Receipt.of("9f3c", (1, 2, 3))]
    assert b"warmstation_reports_too_old_total 1.0" in bench.metrics.render()


def test_a_safety_report_and_the_copy_ahead_of_it_are_no_repeat(bench: Bench) -> None:
    """The copy comes at QoS 0, which has no number; whatever comes a third time is a repeat."""
    bench.turn(message(report(1), mid=0))
    bench.turn(message(report(1)), message(report(2), mid=0), message(report(2)))
    said = bench.metrics.render()
    assert b'messages_total{outcome="stored"} 2.0' in said
    assert b'messages_total{outcome="heralded"} 2.0' in said
    assert b'outcome="repeated"' not in said
    bench.turn(message(report(1), mid=7), message(report(2), mid=8))
    said = bench.metrics.render()
    assert b'messages_total{outcome="repeated"} 2.0' in said
    assert b'messages_total{outcome="heralded"} 2.0' in said


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


@pytest.mark.parametrize(
    ("age_ms", "waited_s"), [(0, 0.15), (100, 0.05), (150, 0.0), (5000, 0.0), (-3_600_000, 0.15)]
)
def test_a_batch_waits_from_its_first_message_and_not_longer(
    bench: Bench, age_ms: int, waited_s: float
) -> None:
    """Below zero: the clock was set back since it came."""
    bench.turn()
    received_at = bench.clock.now() - timedelta(milliseconds=age_ms)
    bench.broker.waiting = [message(report(1))._replace(received_at=received_at)]
    round_ = OneRound()
    bench.pipeline.run(round_)
    assert round_.waits_s == [pytest.approx(waited_s)]
    assert len(bench.broker.acknowledged) == 1


def test_a_clock_that_is_set_back_by_a_day_holds_nothing_up(bench: Bench) -> None:
    bench.turn()
    bench.history.is_away = True
    bench.turn(message(report(1)))
    bench.history.is_away = False
    bench.clock.step(NOON - timedelta(days=1))
    bench.turn()
    assert len(bench.broker.acknowledged) == 1
    assert bench.current.get().at == bench.clock.now()


def test_a_station_may_speak_in_the_second_in_which_it_is_registered(bench: Bench) -> None:
    """Else its first report, which it believes delivered, is a dead letter."""
    bench.turn(message(report(1)))
    bench.places.register(station(), station("ks-never"), station("ks-new"))
    bench.turn(message(report(2)), message(report(1, station="ks-new")))
    assert bench.shelf.letters == []
    assert [one.station for one in bench.history.latest()] == ["ks-songnan", "ks-new"]


def test_a_stranger_stays_refused_and_asks_no_registry_that_is_away(bench: Bench) -> None:
    bench.turn(message(report(1, station="ks-stranger")))
    bench.places.is_away = True
    bench.later(seconds=1)
    asked = bench.places.asked
    bench.turn(message(report(2, station="ks-stranger")))
    assert bench.places.asked == asked
    assert [letter.reason for letter in bench.shelf.letters] == ["unknown_station"] * 2


def test_reports_of_a_retired_station_are_kept_and_receipted_and_nobody_is_shown_them(
    bench: Bench,
) -> None:
    """What it measured while it was one is not lost; an outbox that is never emptied fills up."""
    bench.turn(message(report(1)))
    assert "ks-songnan" in bench.current.get().statuses
    bench.places.retire("ks-songnan")
    bench.later(seconds=2)
    bench.turn(message(report(2)))
    bench.later(seconds=2)
    assert len(list(bench.history.reports("ks-songnan", NOON, NOON + SECOND))) == 2
    assert bench.broker.receipts()[-1] == Receipt.of("9f3c", (2,))
    assert bench.shelf.letters == []
    snapshot = bench.current.get()
    assert set(snapshot.stations) == set(snapshot.statuses) == {"ks-never"}
    assert snapshot.retired["ks-songnan"].reason == "moved out"
    assert (f"{BASE}/status", b"") in bench.broker.published, "its retained status is taken away"
    bench.places.register(station())
    bench.later(seconds=2)
    assert bench.current.get().statuses["ks-songnan"].last_reported == NOON
