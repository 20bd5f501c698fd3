"""Files that the embedded history opens or refuses: damaged, of other layouts, of others."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.history.reports import NAMES, SHANGHAI, SPAN, some_reports
from warmstation_server.history import ledger
from warmstation_server.history.errors import HistoryAway, HistoryBroken
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.schema import STEPS
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.history.usage import LATER_FIELDS


@pytest.fixture(autouse=True)
def rolls_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MIN_UNROLLED", 100)
    monkeypatch.setattr(ledger, "UNROLLED_PER_STATION", 10)


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
