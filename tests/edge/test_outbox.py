"""What the outbox promises about a report between its measurement and its receipt."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outbox_bench import STATION, Bench
from tests.support.patience import PATIENCE_S
from warmstation_edge.outbox import Outbox
from warmstation_edge.outbox_file import OutboxTrouble
from warmstation_wire import Receipt, Report, decode


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.outbox.tick()  # when this boot began is on the card, once
    yield bench
    bench.outbox.abandon()


def test_numbers_rise_and_the_stream_stays_over_an_orderly_restart(bench: Bench) -> None:
    before = [bench.add() for _ in range(3)]
    bench.outbox.close({"entered": 7, "energy_wh": {"p1": 2.5}})
    bench.start()
    after = bench.add()
    assert {report.stream for report in [*before, after]} == {bench.outbox.stream}
    assert [report.seq for report in [*before, after]] == [1, 2, 3, 4]
    assert bench.outbox.counters == {"entered": 7, "energy_wh": {"p1": 2.5}}


def test_a_new_outbox_has_a_random_stream_of_the_contracts_form(tmp_path: Path) -> None:
    benches = [Bench(tmp_path / name) for name in "ab"]
    streams = {bench.add().stream for bench in benches}
    assert len(streams) == 2
    assert benches[0].outbox.counters is None
    for bench in benches:
        bench.outbox.close({})


def test_no_number_is_used_twice_when_the_power_is_cut_again_and_again(bench: Bench) -> None:
    used: list[int] = []
    for count in (1, 5, 1000, 1001, 3):
        used += [bench.add().seq for _ in range(count)]
        bench.cut()
    assert used == sorted(set(used))


def test_numbers_are_on_the_card_before_the_first_of_them_is_used(bench: Bench) -> None:
    for _ in range(1001):
        bench.add()
    image = bench.path.parent / "copy.db"
    for suffix in ("", "-wal"):
        source = bench.path.with_name(bench.path.name + suffix)
        if source.exists():
            shutil.copy(source, image.with_name(image.name + suffix))
    with sqlite3.connect(image) as copy:
        reserved, clean = copy.execute("SELECT reserved, clean FROM state").fetchone()
    copy.close()
    assert (reserved, clean) == (2000, 0)


def test_counters_never_fall_within_a_stream_when_a_cut_lost_the_newest(bench: Bench) -> None:
    seen = [bench.add(entered=count) for count in (1, 2, 3)]
    bench.receipt(*seen)  # delivered, and never on the card
    bench.cut()
    assert bench.outbox.counters is None, "an older value would be handed back"
    assert bench.outbox.stream != seen[0].stream


def test_a_cut_after_an_orderly_restart_does_not_hand_the_old_counters_back(bench: Bench) -> None:
    bench.outbox.close({"entered": 5})
    bench.start()
    assert bench.outbox.counters == {"entered": 5}
    bench.cut()
    assert bench.outbox.counters is None


def test_what_was_written_before_a_cut_waits_on_with_its_stream_and_number(bench: Bench) -> None:
    kept = bench.add()
    bench.outbox.flush()
    lost = bench.add()
    bench.cut()
    assert bench.outbox.backlog() == [kept.seq]
    payload = bench.outbox.payload(kept.seq)
    assert payload is not None
    assert decode(Report, payload) == kept
    assert bench.outbox.payload(lost.seq) is None
    assert bench.add().stream != kept.stream
    assert bench.receipt(kept) == [kept.seq]


def test_a_receipt_in_time_spares_the_card(bench: Bench) -> None:
    before = bench.card()
    for _ in range(200):
        report = bench.add()
        bench.clock.advance(seconds=20)
        bench.outbox.tick()
        bench.receipt(report)
        bench.clock.advance(seconds=40)
        bench.outbox.tick()
    assert bench.card() == before
    assert bench.outbox.queued == 0


def test_a_steady_stream_of_reports_with_receipts_in_time_spares_the_card(bench: Bench) -> None:
    before = bench.card()
    last = bench.add()
    for _ in range(300):
        bench.clock.advance(seconds=1)
        report = bench.add()
        bench.outbox.tick()
        bench.receipt(last)
        last = report
    assert bench.card() == before


def test_a_batch_is_written_after_60_seconds_and_not_sooner(bench: Bench) -> None:
    before = bench.card()
    bench.add()
    bench.clock.advance(seconds=59.9)
    bench.outbox.tick()
    assert bench.card() == before
    bench.clock.advance(seconds=0.1)
    bench.outbox.tick()
    assert bench.card() != before
    assert len(bench.cut().backlog()) == 1


def test_a_batch_is_written_when_60_reports_wait(bench: Bench) -> None:
    for _ in range(59):
        bench.add()
    bench.outbox.tick()
    before = bench.card()
    bench.add()
    bench.outbox.tick()
    assert bench.card() != before
    assert len(bench.cut().backlog()) == 60


def test_a_safety_event_is_on_the_card_when_add_returns(bench: Bench) -> None:
    ordinary, urgent = bench.add(), bench.add(urgent=True)
    assert bench.cut().backlog() == [ordinary.seq, urgent.seq]


def test_the_card_is_written_with_wal_and_full_sync(bench: Bench) -> None:
    db = bench.outbox._keeper.file._open()  # type: ignore[union-attr]  # the setting itself is the claim
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_receipt_of_another_stream_deletes_nothing(bench: Bench) -> None:
    report = bench.add()
    assert bench.outbox.receipted(Receipt.of("0badcafe", [report.seq])) == []
    assert bench.outbox.queued == 1


def test_a_receipt_over_all_numbers_there_are_is_quick_and_right(bench: Bench) -> None:
    reports = [bench.add() for _ in range(5)]
    receipt = Receipt(stream=bench.outbox.stream, seqs=(f"1-{2**53 - 1}", "2", "2-3"))
    assert sorted(set(bench.outbox.receipted(receipt))) == [report.seq for report in reports]
    assert bench.outbox.queued == 0


def test_receipted_rows_leave_the_card_with_the_next_batch(bench: Bench) -> None:
    reports = [bench.add() for _ in range(60)]
    bench.outbox.tick()
    bench.receipt(*reports[:59])
    bench.clock.advance(seconds=60)
    bench.outbox.tick()
    assert bench.cut().backlog() == [reports[59].seq]


def test_the_newest_goes_first(bench: Bench) -> None:
    old = [bench.add(urgent=n == 1).seq for n in range(3)]
    bench.outbox.flush()
    new = [bench.add(urgent=n == 1).seq for n in range(3)]
    assert bench.outbox.live(after=old[-1]) == new[::-1]
    assert bench.outbox.backlog() == old + new


def test_two_agents_cannot_use_one_file(bench: Bench) -> None:
    with pytest.raises(OutboxTrouble, match="busy"):
        Outbox(STATION, bench.limits, bench.clock)


def test_a_command_is_remembered_over_a_cut_and_old_ones_are_forgotten(bench: Bench) -> None:
    bench.outbox.notes.keep_result("c-1", b"begun")
    bench.outbox.notes.keep_result("c-1", b"done")
    assert bench.cut().notes.result("c-1") == b"done"
    for number in range(300):
        bench.outbox.notes.keep_result(f"d-{number}", b"done")
    assert bench.outbox.notes.result("c-1") is None
    assert bench.outbox.notes.result("d-299") == b"done"


_VICTIM = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
outbox = Outbox("ks-songnan", OutboxLimits(path=Path(sys.argv[1])), SystemClock())
while True:
    moment = Measurement(datetime.now(UTC), "synced", 1.0)
    report = outbox.add(moment, urgent=outbox.queued % 7 == 0)
    outbox.tick()
    print(report.stream, report.seq, int(outbox.queued % 7 == 1), flush=True)
"""


def test_killed_at_any_instruction_no_number_repeats_and_no_safety_event_is_lost(
    bench: Bench,
) -> None:
    bench.outbox.close({})
    seen: list[tuple[str, int]] = []
    urgent: list[int] = []
    for lines in (3, 40, 111):
        victim = subprocess.Popen(
            [sys.executable, "-c", _VICTIM, str(bench.path)], stdout=subprocess.PIPE, text=True
        )
        assert victim.stdout is not None
        for _ in range(lines):
            stream, seq, is_urgent = victim.stdout.readline().split()
            seen.append((stream, int(seq)))
            urgent += [int(seq)] if is_urgent == "1" else []
        victim.send_signal(signal.SIGKILL)
        seen += [(line.split()[0], int(line.split()[1])) for line in victim.stdout.readlines()]
        victim.wait(PATIENCE_S)
        victim.stdout.close()
    bench.start()
    assert len(seen) == len(set(seen))
    assert [seq for _, seq in seen] == sorted({seq for _, seq in seen})
    assert set(urgent) <= set(bench.outbox.backlog())
