"""Whole histories taken in at once, and journals rolled at an orderly end."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import START, busy
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SPAN = START - DAY, START + 3 * DAY
NAMES = ("aa", "bb", "cc")


def reports(station: str, count: int, stream: str = "9f3c", first: int = 1) -> list[Received]:
    district = {"aa": "kunshan", "bb": "xifeng"}.get(station, "kunshan")
    return [
        busy(seq, station=station, stream=stream, district=district)
        for seq in range(first, first + count)
        if seq % 7
    ]


def part(path: Path, sent: list[Received], zone: ZoneInfo = SHANGHAI) -> Path:
    history = SqliteHistory(path, zone)
    history.append(sent)
    history.settle()
    history.close()
    return path


def everything(history: History) -> object:
    return [
        [history.usage(NAMES, *SPAN, step) for step in ("quarter", "hour", "day")],
        [list(history.reports(name, *SPAN)) for name in NAMES],
        [history.series(name, *SPAN) for name in NAMES],
        {one.report.station: one for one in history.latest()},
    ]


def test_what_is_absorbed_is_as_if_it_had_been_received_here(tmp_path: Path) -> None:
    memory = MemoryHistory(SHANGHAI)
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    here = reports("bb", 90, "0001") + reports("aa", 50, "0002")
    history.append(here)
    memory.append(here)
    for name, sent in (
        ("a.db", reports("cc", 700) + reports("aa", 300, "0003")),
        ("b.db", reports("bb", 2000, "0009") + reports("bb", 40, "0010", 2001)),
    ):
        assert history.absorb(part(tmp_path / name, sent)) == len(sent)
        memory.append(sent)
        assert everything(history) == everything(memory)
    more = [*reports("cc", 30, first=690), *reports("bb", 60, "0009", 1980)]
    assert list(history.append(more)) == list(memory.append(more))
    assert everything(history) == everything(memory)
    history.close()
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    assert everything(history) == everything(memory)
    history.close()


def test_the_same_part_twice_is_refused_whole(tmp_path: Path) -> None:
    known = part(tmp_path / "part.db", reports("cc", 40))
    both = part(tmp_path / "both.db", reports("aa", 40) + reports("cc", 40))
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    history.absorb(known)
    before = everything(history)
    with pytest.raises(HistoryBroken, match=r"stream 9f3c of cc .* is here already"):
        history.absorb(both)
    assert everything(history) == before
    assert len(history.append(reports("aa", 40))) == len(reports("aa", 40))
    history.close()


def test_a_part_that_is_not_settled_or_of_another_zone_is_refused(tmp_path: Path) -> None:
    unsettled = SqliteHistory(tmp_path / "unsettled.db", SHANGHAI)
    unsettled.append(reports("cc", 10))
    unsettled.close()
    berlin = part(tmp_path / "berlin.db", reports("cc", 10), ZoneInfo("Europe/Berlin"))
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    with pytest.raises(HistoryBroken, match="settle it first"):
        history.absorb(tmp_path / "unsettled.db")
    with pytest.raises(HistoryBroken, match="another time zone"):
        history.absorb(berlin)
    assert list(history.latest()) == []
    history.close()


def test_a_settled_history_has_nothing_to_read_back(tmp_path: Path) -> None:
    path, memory = tmp_path / "history.db", MemoryHistory(SHANGHAI)
    history = SqliteHistory(path, SHANGHAI)
    sent = [one for name in NAMES for one in reports(name, 400)]
    history.append(sent)
    memory.append(sent)
    history.settle()
    assert everything(history) == everything(memory)
    history.close()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM journal").fetchone() == (0,)
    file.close()
    history = SqliteHistory(path, SHANGHAI)
    more = reports("aa", 30, first=390)
    assert list(history.append(more)) == list(memory.append(more))
    history.close()
    history = SqliteHistory(path, SHANGHAI)
    assert everything(history) == everything(memory)
    history.close()


def test_settling_stops_when_time_is_up_and_loses_nothing(tmp_path: Path) -> None:
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    sent = [one for i in range(120) for one in reports(f"s{i:03}", 2)]
    history.append(sent)
    answers = iter((False, False, True))
    history.settle(lambda: next(answers))
    history.close()
    history = SqliteHistory(tmp_path / "history.db", SHANGHAI)
    held = [one for i in range(120) for one in history.reports(f"s{i:03}", *SPAN)]
    assert held == sent
    history.close()
