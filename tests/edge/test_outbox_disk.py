"""What the outbox does when its disk is full, gone or damaged."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outbox_bench import Bench, full_disk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.outbox.abandon()


def test_the_oldest_ordinary_reports_are_dropped_first_and_counted(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_mb=0.01)
    alarms = [bench.add(urgent=True).seq for _ in range(3)]
    ordinary = [bench.add().seq for _ in range(200)]
    left = bench.outbox.backlog()
    assert left[:3] == alarms
    assert left[3:] == ordinary[-len(left[3:]) :]
    assert bench.outbox.dropped == 203 - len(left) > 0
    dropped = bench.outbox.dropped
    bench.outbox.flush()
    assert bench.cut().dropped == dropped
    assert bench.outbox.backlog() == left
    bench.outbox.abandon()


def test_safety_events_are_dropped_only_when_nothing_else_is_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_mb=0.002)
    bench.add()
    alarms = [bench.add(urgent=True).seq for _ in range(30)]
    assert bench.outbox.backlog() == alarms[-bench.outbox.queued :]
    assert bench.outbox.queued > 3
    bench.outbox.abandon()


def test_sampling_goes_on_with_a_full_disk_and_recovers(bench: Bench) -> None:
    with full_disk():
        urgent = bench.add(urgent=True)
        reports = [bench.add() for _ in range(1200)]  # beyond the reserved block
        assert bench.outbox.queued == 1201
        assert bench.outbox.faults()[0].sensor == "outbox"
        assert bench.outbox.payload(urgent.seq) is not None
    bench.clock.advance(seconds=60)
    bench.outbox.tick()
    assert bench.outbox.faults() == ()
    assert bench.cut().backlog() == [urgent.seq, *(report.seq for report in reports)]


def test_memory_is_bounded_while_the_disk_is_full(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmstation_edge.outbox.MEMORY_BYTES", 20_000)
    with full_disk():
        alarm = bench.add(urgent=True).seq
        for _ in range(500):
            bench.add()
        left = bench.outbox.backlog()
        assert left[0] == alarm
        assert len(left) + bench.outbox.dropped == 501
        assert bench.outbox.dropped > 300


def test_a_disk_that_was_full_at_the_start_is_taken_up_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    kept = bench.add().seq
    bench.outbox.close({"entered": 9})
    with full_disk():
        bench.start()
        assert bench.outbox.counters is None, "the file still says it ended in order"
        report = bench.add(urgent=True)
    bench.clock.advance(minutes=2)
    bench.outbox.tick()
    assert bench.cut().backlog() == [kept, report.seq]
    bench.outbox.abandon()


def test_a_card_that_cannot_be_opened_does_not_stop_sampling(tmp_path: Path) -> None:
    in_the_way = tmp_path / "card"
    in_the_way.write_text("not a directory")
    bench = Bench(tmp_path)
    report = bench.add(urgent=True)
    assert [fault.reason for fault in bench.outbox.faults()] == ["io"]
    in_the_way.unlink()
    bench.clock.advance(minutes=2)
    bench.outbox.tick()
    assert bench.outbox.faults() == ()
    assert bench.cut().backlog() == [report.seq]
    bench.outbox.abandon()


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_is_moved_aside_and_a_new_stream_begins(
    bench: Bench, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    old = bench.add().stream
    bench.outbox.close({"entered": 5})
    bench.path.write_bytes(damage or os.urandom(8192))
    with caplog.at_level(logging.ERROR):
        bench.start()
    assert bench.outbox.stream != old
    assert bench.outbox.counters is None
    assert bench.path.with_name("outbox.db.corrupt").exists()
    assert "moved to" in caplog.text
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]
    report = bench.add(urgent=True)
    assert bench.cut().backlog() == [report.seq]


def test_damage_in_mid_run_drops_what_it_held_and_goes_on_in_the_same_stream(
    bench: Bench,
) -> None:
    for _ in range(400):
        written = bench.add()
    bench.outbox.flush()
    bench.outbox._keeper.file._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    size = bench.path.stat().st_size
    with bench.path.open("r+b") as card:
        card.seek(8192)
        card.write(os.urandom(size - 8192))
    bench.outbox._keeper.file._open().execute("PRAGMA shrink_memory")  # type: ignore[union-attr]
    for seq in bench.outbox.backlog():
        bench.outbox.payload(seq)
    after = bench.add(urgent=True)
    assert after.stream == written.stream
    assert after.seq > written.seq
    assert bench.outbox.dropped == 400
    assert bench.outbox.backlog() == [after.seq]
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]
    assert bench.cut().backlog() == [after.seq]
