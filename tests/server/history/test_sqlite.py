"""What the embedded history must survive: kills, full disks, wrong files, readers meanwhile."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import START, busy
from warmstation_server.history import History, Received, ledger
from warmstation_server.history.errors import HistoryAway, HistoryBroken
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.schema import STEPS
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.history.usage import LATER_FIELDS

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SPAN = START - DAY, START + 2 * DAY
NAMES = ("aa", "bb")


@pytest.fixture(autouse=True)
def rolls_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MIN_UNROLLED", 100)
    monkeypatch.setattr(ledger, "UNROLLED_PER_STATION", 10)


def some_reports(count: int, seed: int = 1) -> list[Received]:
    """Reports of two stations, one in twenty never sent, late ones among them."""
    chance = random.Random(seed)
    found = [busy(seq, station=name) for seq in range(1, count) for name in NAMES]
    found = [one for one in found if chance.random() < 0.95]
    return sorted(found, key=lambda one: one.report.seq + chance.randrange(30))


def everything(history: History) -> object:
    """All that a history answers."""
    return [
        [history.usage(NAMES, *SPAN, step) for step in ("quarter", "hour", "day")],
        [history.total(NAMES, *SPAN, step) for step in ("quarter", "hour", "day")],
        [list(history.reports(name, *SPAN)) for name in NAMES],
        [history.series(name, *SPAN) for name in NAMES],
        {one.report.station: one for one in history.latest()},
    ]


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


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HistoryAway, match=r"history\.db cannot be opened: No such file"):
        SqliteHistory(tmp_path / "gone" / "history.db", SHANGHAI)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"dear diary, " * 1000)
    with pytest.raises(HistoryBroken, match="file is not a database"):
        SqliteHistory(path, SHANGHAI)
    assert path.read_bytes() == b"dear diary, " * 1000


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE songs (title TEXT)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(HistoryBroken, match="another program"):
        SqliteHistory(path, SHANGHAI)
    assert path.read_bytes() == before


def test_a_later_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    SqliteHistory(path, SHANGHAI).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(HistoryBroken, match="has layout 99"):
        SqliteHistory(path, SHANGHAI)


def as_layout_1(path: Path) -> None:
    """Make of a file what the first release wrote: nine columns of usage fewer."""
    with sqlite3.connect(path) as older:
        for step in STEPS:
            for name in LATER_FIELDS:
                older.execute(f"ALTER TABLE usage_{step} DROP COLUMN {name}")
        for stream, first, text in older.execute("SELECT stream, first, state FROM run").fetchall():
            state = json.loads(text)
            state[3] = state[3][:8]
            older.execute(
                "UPDATE run SET state = ? WHERE stream = ? AND first = ?",
                (json.dumps(state), stream, first),
            )
        older.execute("PRAGMA user_version = 1")
    older.close()


def test_a_file_of_the_first_layout_is_brought_up_and_goes_on(tmp_path: Path) -> None:
    path, told = tmp_path / "history.db", some_reports(400)
    with closing(SqliteHistory(path, SHANGHAI)) as history:
        history.append(told[:700])
        before = history.total(NAMES, *SPAN, "hour")
    as_layout_1(path)
    with closing(SqliteHistory(path, SHANGHAI)) as history:
        older = history.total(NAMES, *SPAN, "hour")
        assert [one.visits for one in older] == [one.visits for one in before]
        assert [one.room_c_s for one in older] == [one.room_c_s for one in before]
        history.append(told[700:])
        now = history.total(NAMES, *SPAN, "hour")
    memory = MemoryHistory(SHANGHAI)
    memory.append(told)
    whole = memory.total(NAMES, *SPAN, "hour")
    assert [one.visits for one in now] == [one.visits for one in whole]
    assert all(0 <= one.watched_s <= other.watched_s for one, other in zip(now, whole, strict=True))
    assert any(one.watched_s > 0 for one in now)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal SET rows = zeroblob(length(rows))",
        "UPDATE run SET state = '[]'",
        "DELETE FROM text WHERE kind = 'shape'",
        "DROP TABLE usage_hour",
    ],
)
def test_damage_is_noticed_when_it_is_opened(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "history.db"
    history = SqliteHistory(path, SHANGHAI)
    for i in range(0, 300, 50):
        history.append(some_reports(300)[i : i + 50])
    history.close()
    vandal = sqlite3.connect(path)
    vandal.execute(damage)
    vandal.commit()
    vandal.close()
    with pytest.raises(HistoryBroken, match=r"damaged"):
        SqliteHistory(path, SHANGHAI)


def test_damaged_chunks_are_noticed_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history = SqliteHistory(path, SHANGHAI)
    for i in range(0, 300, 50):
        history.append(some_reports(300)[i : i + 50])
    vandal = sqlite3.connect(path)
    vandal.execute("UPDATE chunk SET columns = substr(columns, 1, 40)")
    vandal.commit()
    vandal.close()
    with pytest.raises(HistoryBroken, match="damaged"):
        list(history.reports("aa", *SPAN))
    history.close()


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
