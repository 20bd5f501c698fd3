"""What the embedded history must survive: kills, full disks, two writers, readers meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import (
    NAMES,
    SHANGHAI,
    SPAN,
    START,
    busy,
    everything,
    some_reports,
)
from warmstation_server.history import forgetting, ledger, sqlite
from warmstation_server.history.codec import microseconds
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory


@pytest.fixture(autouse=True)
def rolls_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MIN_UNROLLED", 100)
    monkeypatch.setattr(ledger, "UNROLLED_PER_STATION", 10)


def test_reopened_it_answers_as_one_that_was_never_closed(tmp_path: Path) -> None:
    memory = MemoryHistory(SHANGHAI)
    sent = some_reports(130)
    for i in range(0, len(sent), 20):
        history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
        assert list(history.append(sent[i : i + 30])) == list(memory.append(sent[i : i + 30]))
        if i == 160:
            line = START + timedelta(minutes=50, seconds=30)
            assert history.expire(line) == memory.expire(line) > 0
        assert everything(history) == everything(memory)
        history.close()


def test_much_is_forgotten_in_pieces_and_nothing_of_it_is_seen_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "_PART", 3)
    monkeypatch.setattr(sqlite, "AT_ONCE", 3)
    memory, history = MemoryHistory(SHANGHAI), SqliteHistory(tmp_path / "history.db", SHANGHAI)
    sent = some_reports(400)
    for i in range(0, len(sent), 20):
        assert list(history.append(sent[i : i + 20])) == list(memory.append(sent[i : i + 20]))
    line = START + timedelta(hours=5, seconds=30)
    old = memory.expire(line)

    pieces = [history.expire(line)]
    assert 0 < pieces[0] < old / 2
    assert everything(history) == everything(memory)
    while pieces[-1]:
        pieces.append(history.expire(line))

    assert sum(pieces) == old
    assert len(pieces) > 5
    assert everything(history) == everything(memory)
    history.close()


def test_what_was_not_forgotten_before_a_stop_is_with_the_next_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "_PART", 3)
    monkeypatch.setattr(sqlite, "AT_ONCE", 3)
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    sent = some_reports(400)
    for i in range(0, len(sent), 20):
        history.append(sent[i : i + 20])
    line = START + timedelta(hours=5, seconds=30)
    history.expire(line)
    history.close()

    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    while history.expire(line + timedelta(seconds=1)):
        pass
    history.close()

    with closing(sqlite3.connect(tmp_path / "history.db")) as file:
        (oldest,) = file.execute("SELECT min(first_us) FROM chunk").fetchone()
    assert oldest >= microseconds(line)


def test_another_zone_begins_its_days_elsewhere_from_the_start_of_history(tmp_path: Path) -> None:
    memory = MemoryHistory(ZoneInfo("Europe/Berlin"))
    memory.append(some_reports(500))
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    history.append(some_reports(500)[:700])
    history.append(some_reports(500)[700:])
    history.close()
    history = SqliteHistory(tmp_path / "history.db", ZoneInfo("Europe/Berlin"))
    assert everything(history) == everything(memory)
    history.close()


WRITER = """
import sys
from pathlib import Path
from zoneinfo import ZoneInfo
from tests.server.history.reports import busy
from warmstation_server.history import ledger
from warmstation_server.history.sqlite import SqliteHistory

ledger.MIN_UNROLLED, ledger.UNROLLED_PER_STATION = 100, 10
history = SqliteHistory(Path(sys.argv[1]), ZoneInfo("Asia/Shanghai"))
first = int(sys.argv[2])
for seq in range(first, first + 10_000, 5):
    batch = [busy(s, station=name) for s in range(seq, seq + 7) for name in ("aa", "bb")]
    history.append(batch)
    print(seq + 6, flush=True)
"""


def test_killed_at_any_moment_it_holds_every_report_once(tmp_path: Path) -> None:
    path, last = tmp_path / "history.db", 0
    for lines in (3, 30, 12):
        command = [sys.executable, "-c", WRITER, str(path), str(max(1, last - 20))]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
        ) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                last = max(last, int(writer.stdout.readline()))
            writer.kill()
            last = max([last, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        history = SqliteHistory(path, SHANGHAI)
        for name in NAMES:
            held = [one.report.seq for one in history.reports(name, *SPAN)]
            assert held == list(range(1, len(held) + 1))
            assert len(held) >= last
        memory = MemoryHistory(SHANGHAI)
        memory.append([one for name in NAMES for one in history.reports(name, *SPAN)])
        assert everything(history) == everything(memory)
        history.close()


def test_a_full_disk_is_said_and_nothing_of_the_batch_counts(tmp_path: Path) -> None:
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI, max_bytes=140 * 1024)
    memory = MemoryHistory(SHANGHAI)
    sent = some_reports(4000)
    refused = None
    for i in range(0, len(sent), 40):
        batch = [*sent[i : i + 40], busy(i + 1, station=f"new-{i}")]
        try:
            history.append(batch)
        except HistoryAway as error:
            refused = str(error)
            break
        memory.append(batch)
    assert refused is not None
    assert "full" in refused
    assert everything(history) == everything(memory)
    history.close()
    roomy = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    assert list(roomy.append(batch)) == list(memory.append(batch))
    assert everything(roomy) == everything(memory)
    roomy.close()


def test_after_a_refused_batch_the_next_one_is_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history, memory = SqliteHistory(path, SHANGHAI), MemoryHistory(SHANGHAI)
    sent = some_reports(60)
    for batch in (sent[:40], sent[40:]):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ledger, "write_journal", _refuse)
            with pytest.raises(HistoryAway):
                history.append(batch)
        assert list(history.append(batch)) == batch
        memory.append(batch)
        assert everything(history) == everything(memory)
    history.close()


def _refuse(*_: object) -> int:
    raise sqlite3.OperationalError("attempt to write a readonly database")


def test_two_writers_at_once_are_refused(tmp_path: Path) -> None:
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    with pytest.raises(HistoryAway, match="in use by another process"):
        SqliteHistory(tmp_path / "history.db", SHANGHAI)
    history.close()
    with pytest.raises(HistoryAway, match="closed"):
        history.append([busy(1)])


def test_readers_see_whole_batches_while_the_writer_writes(tmp_path: Path) -> None:
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    done = False

    def look() -> int:
        looks = 0
        while not done:
            held = [one.report.seq for one in history.reports("aa", *SPAN)]
            assert held == list(range(1, len(held) + 1))
            assert len(held) % 10 == 0
            counted = sum(u.reports for u in history.total(["aa"], *SPAN, "quarter"))
            assert counted >= len(held)
            assert counted % 10 == 0
            looks += 1
        return looks

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(look) for _ in range(3)]
        try:
            for first in range(1, 600, 10):
                history.append([busy(seq, station="aa") for seq in range(first, first + 10)])
        finally:
            done = True
        assert all(reader.result() > 0 for reader in readers)
    history.close()
