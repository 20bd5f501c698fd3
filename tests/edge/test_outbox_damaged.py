"""A card that has changed what was written on it: the agent goes on, and little is lost."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.outbox_bench import Bench, full_disk
from warmstation_edge.charging import Charge, Trip
from warmstation_edge.measurement import Measurement
from warmstation_edge.run import counters
from warmstation_wire import People, Report, decode

PAGE = 4096
LATCHED = {"e1": Charge(3.0, is_under_way=False, trip=Trip.OVERHEAT)}
COUNTED = {"entered": 5, "left": 2, "inside": 1, "doubt": 0.5, "energy_wh": {"e1": 1.5}}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.outbox.abandon()


def lived_in(bench: Bench, reports: int = 400) -> set[int]:
    """Reports, a charge, a boot and an answer on the card; which numbers wait."""
    bench.clock.synced = False
    for number in range(reports):
        bench.clock.advance(seconds=1)
        people = People(entered=number, left=0)
        now, uptime_s = bench.clock.now(), bench.clock.monotonic()
        quality = "synced" if number % 2 else "unsynced"
        bench.outbox.add(Measurement(now, quality, uptime_s, people=people))  # type: ignore[arg-type]
    bench.outbox.notes.keep_charges(LATCHED)
    bench.outbox.notes.keep_result("c-1", b"{}")
    bench.clock.synced = True
    bench.outbox.tick()
    bench.outbox.flush()
    return set(bench.outbox.backlog())


def sound(bench: Bench) -> set[int]:
    """The numbers of what still waits and can be sent."""
    return {seq for seq in bench.outbox.backlog() if bench.outbox.payload(seq) is not None}


def changed(bench: Bench, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(bench.path)) as card:
        card.execute(statement, values)
        card.commit()


@settings(max_examples=40, derandomize=True)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 1, 3, 20]), st.booleans())
def test_no_byte_of_a_card_ends_an_agent(chance: Random, bytes_: int, is_orderly: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        lived_in(bench, 60)
        used = bench.outbox.newest()
        stream = bench.outbox.stream
        if is_orderly:
            bench.outbox.close(COUNTED)
        else:
            bench.outbox.abandon()
        card = bytearray(bench.path.read_bytes())
        for _ in range(bytes_):
            card[chance.randrange(len(card))] = chance.randrange(256)
        bench.path.write_bytes(card)
        bench.clock.reboot(bench.clock.now())
        bench.start()
        counters(bench.outbox)
        bench.outbox.notes.charges()
        bench.outbox.notes.result("c-1")
        report = bench.add(urgent=True)
        assert (report.stream, report.seq) > (stream, used) or report.stream != stream
        bench.clock.synced = True
        bench.outbox.tick()
        for seq in bench.outbox.backlog():
            payload = bench.outbox.payload(seq)
            assert payload is None or decode(Report, payload).seq == seq
        bench.outbox.close(COUNTED)


def test_a_lost_page_takes_its_own_reports_and_no_others(bench: Bench) -> None:
    before = lived_in(bench)
    bench.outbox.abandon()
    with bench.path.open("r+b") as card:
        card.seek(20 * PAGE)
        card.write(b"\xa5" * PAGE)
    bench.start()
    left = sound(bench) & before
    assert 0 < len(before - left) < 40
    assert bench.outbox.notes.charges() == LATCHED
    assert bench.outbox.notes.result("c-1") == b"{}"
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]


def test_a_page_lost_in_mid_run_takes_no_more_and_is_counted(bench: Bench) -> None:
    before = lived_in(bench)
    stream, card = bench.outbox.stream, bench.outbox._keeper.file
    assert card is not None
    card._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with bench.path.open("r+b") as file:
        file.seek(20 * PAGE)
        file.write(b"\xa5" * PAGE)
    card._open().execute("PRAGMA shrink_memory")
    sound(bench)
    left = sound(bench)
    assert 0 < len(before - left) < 40
    assert bench.outbox.dropped == len(before - left)
    assert (bench.add(urgent=True).stream, bench.outbox.stream) == (stream, stream)
    assert left < set(bench.cut().backlog())


def test_a_report_that_is_none_any_more_is_dropped_and_told(bench: Bench) -> None:
    """The server would refuse it without a receipt, again and again."""
    before = sorted(lived_in(bench, 10))
    bench.outbox.abandon()
    changed(bench, "UPDATE reports SET payload = replace(payload, '\"v\":1', '\"v\":x')")
    bench.start()
    assert sound(bench) == set()
    assert bench.outbox.queued == 0
    assert bench.outbox.dropped == len(before)
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE state SET counters = '{\"entered\"'",
        "UPDATE state SET counters = '[]'",
        "UPDATE state SET counters = '{\"entered\":-5}'",
        "UPDATE state SET counters = '{\"entexed\":5}'",
    ],
)
def test_counters_that_cannot_be_read_begin_a_new_stream(bench: Bench, statement: str) -> None:
    before = lived_in(bench, 10)
    stream = bench.outbox.stream
    bench.outbox.close(COUNTED)
    changed(bench, statement)
    bench.start()
    assert bench.outbox.stream != stream
    assert counters(bench.outbox) is None
    assert sound(bench) == before, "nothing else is lost"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE state SET stream = 'zzzz'",
        "UPDATE state SET reserved = 'x'",
        "UPDATE reports SET stream = 7 WHERE seq = 3",
        "ALTER TABLE reports RENAME TO repxrts",
        "ALTER TABLE boots RENAME TO bxots",
    ],
)
def test_what_sqlite_overlooks_is_damage_all_the_same(bench: Bench, statement: str) -> None:
    before = lived_in(bench, 10)
    bench.outbox.close(COUNTED)
    changed(bench, statement)
    bench.start()
    bench.add(urgent=True)
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]
    if "repxrts" not in statement:
        assert len(before - sound(bench)) <= 1
    assert bench.outbox.notes.charges() == LATCHED


def test_reports_whose_numbers_a_damaged_schema_hides_end_no_agent(bench: Bench) -> None:
    lived_in(bench, 10)
    bench.outbox.close(COUNTED)
    with closing(sqlite3.connect(bench.path)) as card:
        card.execute("PRAGMA writable_schema = ON")
        card.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'seq INTEGER PRIMARY KEY',"
            " 'seq INTEGER PRIMARX KEY') WHERE name = 'reports'"
        )
        card.commit()
    bench.start()
    report = bench.add(urgent=True)
    assert [fault.reason for fault in bench.outbox.faults()] == ["corrupt"]
    assert sound(bench) == {report.seq}


def test_a_boot_whose_clock_was_set_while_the_disk_was_full_is_kept_once_there_is_room(
    bench: Bench,
) -> None:
    bench.clock.reboot(bench.clock.now().replace(year=1970))
    truth = bench.clock.now().replace(year=2026)
    bench.outbox.add(Measurement(bench.clock.now(), "unsynced", bench.clock.monotonic()))
    bench.outbox.flush()
    with full_disk():
        bench.clock.step(truth)
        bench.clock.synced = True
        bench.outbox.tick()
    bench.clock.advance(seconds=60)
    bench.add(urgent=True)
    bench.clock.reboot(truth.replace(year=1970))
    bench.cut()
    payload = bench.outbox.payload(bench.outbox.backlog()[0])
    assert payload is not None
    first = decode(Report, payload)
    assert (first.measured_at, first.clock) == (truth, "estimated")


def test_a_boot_whose_time_server_fell_silent_dates_its_reports_in_a_later_boot(
    bench: Bench,
) -> None:
    """chrony's word is worth nothing nine hours after its last server; the boot's beginning is."""
    assert bench.outbox.queued == 0, "nothing waited when the clock was set"
    bench.outbox.tick()
    bench.clock.synced = False
    at, uptime_s = bench.clock.now(), bench.clock.monotonic()
    report = bench.outbox.add(Measurement(at, "unsynced", uptime_s), urgent=True)
    bench.clock.reboot(at.replace(year=1970))
    bench.cut()
    payload = bench.outbox.payload(report.seq)
    assert payload is not None
    assert decode(Report, payload).clock == "estimated"
    assert decode(Report, payload).measured_at == at


def test_what_was_dropped_before_still_counts_when_the_file_comes_late(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_mb=0.01)
    for _ in range(200):
        bench.add()
    bench.outbox.flush()
    dropped = bench.outbox.dropped
    bench.outbox.close(COUNTED)
    away = bench.path.with_name("away")
    bench.path.rename(away)
    bench.path.mkdir()
    bench.start()
    assert bench.outbox.dropped == 0
    bench.path.rmdir()
    away.rename(bench.path)
    bench.clock.advance(minutes=2)
    bench.add(urgent=True)
    assert bench.outbox.dropped >= dropped > 0
    bench.outbox.abandon()


def test_an_orderly_stop_takes_a_disk_that_has_come_back(bench: Bench) -> None:
    bench.outbox.abandon()
    away = bench.path.with_name("away")
    bench.path.rename(away)
    bench.path.mkdir()
    bench.start()
    seq = bench.add().seq
    bench.path.rmdir()
    away.rename(bench.path)
    bench.outbox.close(COUNTED)
    bench.start()
    assert seq in bench.outbox.backlog()
