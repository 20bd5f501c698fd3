"""A power cut leaves the figures' files in pieces: that is noticed, and they are made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.usage.test_counting import NOW, PERIOD, PLACES, REGIONS, ZONE, is_open, reports
from tests.server.usage.test_supplies_sums import NOVEMBER, some_lines, used
from tests.support.figures import ListedLedger, counted
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.usage.district import District
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.rollup_file import opened
from warmstation_server.usage.supplies_sums import SuppliesSums


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    """One with three days counted."""
    history = SqliteHistory(tmp_path / "history.db", ZONE, is_open=is_open, seats=lambda _: 12)
    with closing(history):
        history.append(reports("aa", range(72)))
        made = counted(tmp_path, ZONE, history, PLACES, NOW)
        with closing(made.rollup):
            yield made


def scribble(path: Path, table: str) -> None:
    """The first page of a table is something else; nobody has the file open."""
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (page,) = connection.execute(query, (table,)).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def visits(district: District) -> int:
    return district.answer(PLACES, REGIONS, PERIOD, NOW).sums.visits


def test_damage_found_by_a_view_is_mended_by_who_counts(district: District) -> None:
    before = visits(district)
    file = district.rollup._path
    district.rollup.close()
    scribble(file, "day")
    district.rollup._connection = opened(file, ZONE.key)
    with pytest.raises(HistoryAway, match="is made again within minutes"):
        visits(district)
    assert district.mended()
    district.counting.turn(NOW)
    assert visits(district) == before > 0
    assert not district.mended()


def test_a_damaged_file_is_made_again_by_the_start(district: District, tmp_path: Path) -> None:
    file = district.rollup._path
    district.rollup.close()
    scribble(file, "station")
    with closing(Rollup(file, ZONE.key)) as again:
        assert again.marks() == {}


def test_sums_of_supplies_that_are_damaged_are_unknown_and_made_again(tmp_path: Path) -> None:
    path = tmp_path / "sums.db"
    with closing(SuppliesSums(path, ZONE, ListedLedger(some_lines(900)))) as first:
        assert used(first) == 900
    scribble(path, "day")
    with closing(SuppliesSums(path, ZONE, ListedLedger(some_lines(900)))) as sums:
        assert not sums.during(("aa",), [NOVEMBER], waits=False)[NOVEMBER].is_known
        assert sums.is_damaged
        sums.begin_anew()
        sums.turn()
        assert used(sums) == 900
        assert not sums.is_damaged
