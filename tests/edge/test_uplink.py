"""Which report goes out when, without a broker: time and the link are the test's."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.line import Line
from warmstation_edge.outbox_file import OutboxFile, OutboxTrouble
from warmstation_edge.uplink import Arrived, Offline, Unheard
from warmstation_wire import Leaf, Presence, Receipt, Report, decode


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.outbox.abandon()


def test_nothing_is_sent_while_offline(line: Line) -> None:
    line.add(3)
    assert line.run(300) == []
    assert line.link.sent == []


def test_presence_is_told_and_retained_after_connecting(line: Line) -> None:
    line.go_online()
    leaf, payload, is_retained = line.link.sent[0]
    told = decode(Presence, payload)
    assert (leaf, is_retained) == (Leaf.PRESENCE, True)
    assert told.online
    assert told.stream == line.outbox.stream
    assert told.since is not None


def test_live_reports_go_first_and_the_backlog_follows_newest_first(line: Line) -> None:
    old = line.add(100)
    assert line.go_online() == [old[-1]], "the newest is live, at once"
    live = line.add()
    sent = line.run(30, answering=True)
    assert sent[0] == live[0]
    assert sent[1:] == old[-2::-1]
    assert line.outbox.queued == 1, "the newest was sent before anybody answered"


def test_backlog_waits_a_random_while_and_then_comes_at_its_pace(tmp_path: Path) -> None:
    starts = []
    for seed in range(40):
        line = Line(tmp_path / str(seed), seed)
        line.add(200)
        line.go_online()
        waited = 0.25
        while not (sent := line.run(0.25, answering=True)):
            waited += 0.25
        starts.append(waited)
        count = len(sent) + len(line.run(5, answering=True))
        assert 5 * 20 * 0.8 < count < 6 * 20 * 1.2
        line.outbox.abandon()
    assert min(starts) < 2.5
    assert max(starts) > 7.5
    assert max(starts) <= 10.25


def test_live_reports_never_wait_behind_the_backlog(line: Line) -> None:
    line.add(500)
    line.go_online()
    line.run(12, answering=True)
    for _ in range(10):
        live = line.add()
        assert line.run(0.25, answering=True)[0] == live[0]


def test_the_window_bounds_what_lacks_its_receipt(line: Line) -> None:
    line.add(500)
    line.go_online()
    assert len(line.run(29)) == 32 - 1


def test_only_a_receipt_deletes_and_the_hook_hears_of_it(line: Line) -> None:
    seqs = line.add(2)
    line.go_online()
    line.run(1)
    assert line.outbox.queued == 2, "the broker's PUBACK proves nothing"
    line.link.receipt(line.outbox.stream, *seqs)
    line.run(0)
    assert line.outbox.queued == 0
    assert line.receipts == [Receipt.of(line.outbox.stream, seqs)]


def test_a_late_report_is_sent_again_while_others_get_their_receipt(line: Line) -> None:
    line.go_online()
    lost = line.add()[0]
    times: list[float] = []
    for second in range(600):
        live = line.add() if second % 10 == 9 else []
        sent = line.run(1)
        if lost in sent:
            times.append(second)
        if answered := [seq for seq in sent if seq in live]:
            line.link.receipt(line.outbox.stream, *answered)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert 29 <= gaps[0] <= 37
    assert 59 <= gaps[1] <= 73
    assert 119 <= gaps[2] <= 145
    assert len(times) == 5


def test_a_single_report_is_sent_again_when_nothing_is_heard_of_the_server(line: Line) -> None:
    line.go_online()
    line.add()
    assert line.run(29) == [1]
    assert line.run(10) == [1]
    assert 3 <= len(line.run(3600)) <= 12


def test_a_silent_server_gets_each_live_report_once_and_no_flood(line: Line) -> None:
    line.add(1000)
    line.go_online()
    line.run(60)
    sent: list[int] = []
    for _ in range(6 * 60):
        line.add()
        sent += line.run(60)
    assert set(sent) >= set(range(1001, 1001 + 6 * 60))
    assert len(sent) - len(set(sent)) < 10


def test_a_report_that_nobody_heard_is_tried_again_soon_and_alone(line: Line) -> None:
    seqs = line.add(50)
    line.link.is_unheard = True
    assert line.go_online() == seqs[-1:]
    assert line.run(7) == seqs[-1:]
    assert len(line.run(120)) < 6
    line.link.is_unheard = False
    line.run(180, answering=True)
    assert line.outbox.queued == 0


def test_everything_arrives_once_the_silent_server_speaks_again(line: Line) -> None:
    line.add(300)
    line.go_online()
    line.run(600)
    line.link.receipt(line.outbox.stream, line.outbox.backlog()[-1])
    for _ in range(60):
        line.run(1, answering=True)
    assert line.outbox.queued == 0


def test_what_was_in_flight_on_a_lost_connection_is_sent_again(line: Line) -> None:
    line.go_online()
    seqs = line.add(3)
    assert sorted(line.run(1)) == seqs
    line.link.happen(Offline("the broker was killed"))
    assert line.run(60) == []
    assert line.go_online() == [3]
    assert line.run(20, answering=True) == [2, 1]


def test_a_refused_report_is_kept_becomes_a_fault_and_is_tried_slowly(line: Line) -> None:
    line.link.refusal = "Not authorized"
    line.go_online()
    line.add(3)
    line.run(1)
    assert [(fault.sensor, fault.reason) for fault in line.uplink.faults()] == [
        ("uplink", "refused")
    ]
    line.add(20)
    assert 3 <= len(line.run(3600)) <= 12
    assert line.outbox.queued == 23
    line.link.refusal = None
    line.run(950, answering=True)
    line.add()
    line.run(60, answering=True)
    assert line.outbox.queued == 0
    assert line.uplink.faults() == ()


def test_a_refused_connection_is_a_fault_until_it_is_taken(line: Line) -> None:
    line.link.happen(Offline("Bad user name or password", is_refused=True))
    line.run(0)
    assert len(line.uplink.faults()) == 1
    line.go_online()
    assert line.uplink.faults() == ()


def test_a_lost_connection_is_no_fault(line: Line) -> None:
    line.link.happen(Offline("Connection refused"))
    line.run(0)
    assert line.uplink.faults() == ()


def test_a_refused_subscription_is_a_fault(line: Line) -> None:
    line.go_online()
    line.link.happen(Unheard("warmstation/v1/kunshan/ks-songnan/receipt", "Not authorized"))
    line.run(0)
    assert len(line.uplink.faults()) == 1


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff", b"[]", b'{"v":2}', b'{"v":1,"stream":"9f3c","seqs":["9-1"]}', b"[" * 9999],
)
def test_bad_receipts_delete_nothing_and_break_nothing(
    line: Line, payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    line.go_online()
    line.add()
    with caplog.at_level(logging.WARNING):
        line.link.arrive(Leaf.RECEIPT, payload)
        line.run(1)
    assert line.outbox.queued == 1
    assert "is refused" in caplog.text


@pytest.mark.parametrize("topic", ["", "a/b", "warmstation/v1/kunshan/another/receipt"])
def test_messages_for_others_are_left_alone(line: Line, topic: str) -> None:
    line.go_online()
    line.add()
    line.link.happen(Arrived(topic, Receipt.of(line.outbox.stream, [1]).to_json()))
    line.run(1)
    assert line.outbox.queued == 1


def test_orders_are_handed_out_and_answers_survive_a_lost_connection(line: Line) -> None:
    line.go_online()
    line.link.arrive(Leaf.COMMAND, b"do it")
    assert line.uplink.turn() == [(Leaf.COMMAND, b"do it")]
    line.link.acknowledges = False
    line.uplink.answer(Leaf.RESULT, b"first")
    line.link.happen(Offline("gone"))
    line.run(1)
    line.uplink.answer(Leaf.APPLIED, b"second")
    line.link.acknowledges = True
    line.link.take(Leaf.RESULT)
    line.go_online()
    assert line.link.take(Leaf.RESULT) == [b"first"]
    assert (Leaf.APPLIED, b"second", True) in line.link.sent
    line.link.happen(Offline("gone again"))
    line.run(1)
    line.go_online()
    assert line.link.take(Leaf.RESULT) == [], "the broker had it"


def test_an_orderly_stop_says_so_and_lets_the_link_go(line: Line) -> None:
    line.go_online()
    line.uplink.stop()
    leaf, payload, is_retained = line.link.sent[-1]
    assert (leaf, is_retained) == (Leaf.PRESENCE, True)
    assert decode(Presence, payload).online is False
    assert line.link.is_closed


def test_danger_has_a_herald_ahead_of_all_that_waits_and_is_a_report_like_any_other(
    line: Line,
) -> None:
    line.go_online()
    line.add(2)
    danger = line.add_danger()
    assert line.run(0)[0] == danger
    assert line.link.heralds == [danger]
    line.link.receipt(line.outbox.stream, danger)
    line.run(120)
    assert line.link.heralds == [danger], "once it has its receipt, it is not called out again"


def test_what_the_card_would_not_give_for_a_while_is_sent_all_the_same(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = line.add(40)
    line.outbox.flush()
    read = OutboxFile.payload
    monkeypatch.setattr(OutboxFile, "payload", lambda *_: _refused(line))
    line.go_online()
    line.run(60, answering=True)
    assert line.outbox.queued == len(waiting)
    monkeypatch.setattr(OutboxFile, "payload", read)
    line.run(120, answering=True)
    assert line.outbox.queued == 0


def test_a_file_that_comes_only_now_is_sent_without_a_new_connection(tmp_path: Path) -> None:
    line = Line(tmp_path)
    waiting = set(line.add(20))
    line.outbox.close({})
    path = line.outbox._keeper._limits.path
    away = path.with_name("away")
    path.rename(away)
    path.mkdir()
    line = Line(tmp_path)
    line.go_online()
    line.run(30, answering=True)
    path.rmdir()
    away.rename(path)
    told = set()
    for _ in range(4 * 300):
        line.outbox.tick()
        line.uplink.turn()
        for payload in line.link.take(Leaf.REPORT):
            report = decode(Report, payload)
            line.link.receipt(report.stream, report.seq)
            told.add(report.seq)
        line.clock.advance(seconds=0.25)
    assert told == waiting
    assert line.outbox.queued == 0
    line.outbox.abandon()


def test_a_broker_that_takes_nothing_is_not_given_more_and_more(line: Line) -> None:
    line.go_online()
    line.link.acknowledges = False
    sent = 0
    for _ in range(1500):
        line.add()
        sent += len(line.run(1))
    assert sent <= 1001
    assert line.outbox.queued == 1500, "nothing of it is lost"


def _refused(line: Line) -> bytes | None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    raise OutboxTrouble(line.outbox._keeper._limits.path, error)


def test_why_there_is_no_connection_is_logged_once_and_not_with_every_try(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for reason in ("no such name", "no such name", "no such name", "refused"):
        line.link.happen(Offline(reason))
        line.run(1)
    assert [record.message for record in caplog.records] == [
        "no connection: no such name",
        "no connection: refused",
    ]
