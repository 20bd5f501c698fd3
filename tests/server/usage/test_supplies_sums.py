"""What supplies add up to is what folding the whole ledger says, whatever comes in what order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.figures import ListedLedger
from tests.support.supplied_by_fold import by_donor, by_item, moments
from warmstation_server.supplies.entry import KINDS, Entry, EntryKind
from warmstation_server.usage.day import bounds
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.supplies_file import opened
from warmstation_server.usage.supplies_sums import Supplied, SuppliesSums
from warmstation_server.usage.supplies_taking import MANY, OVERLAP

ZONE = ZoneInfo("Asia/Shanghai")
ZONES = [ZONE, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Beirut")]
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
"""In the autumn that follows, clocks change in three of these zones, in one at midnight."""
STATIONS = ("aa", "bb", "cc")


def folded(
    lines: Sequence[Entry], stations: Collection[str], period: Period, zone: ZoneInfo
) -> Supplied:
    """The same the long way."""
    start, end = bounds(period.first, zone)[0], bounds(period.last, zone)[1]
    known = moments([one for one in lines if one.station in stations], (start, end))
    return Supplied(by_item(known, start, end, zone), by_donor(known, start, end, zone))


@st.composite
def lines(draw: st.DrawFn) -> Entry:
    """A line of any kind, at any hour of four months."""
    at = FIRST + timedelta(hours=draw(st.integers(0, 24 * 120)))
    kind: EntryKind = draw(st.sampled_from((*KINDS, "restock")))
    is_restock = kind == "restock"
    expires = draw(st.none() | st.integers(-3, 60)) if is_restock else None
    return Entry(
        station=draw(st.sampled_from(STATIONS)),
        item=draw(st.sampled_from(("water", "noodles"))),
        kind=kind,
        quantity=draw(st.integers(1, 30)),
        at=at,
        by="li",
        donor=draw(st.sampled_from(("", "红十字会", "water"))) if is_restock else "",
        expires_on=None if expires is None else at.date() + expires * DAY,
        batch=draw(st.none() | st.integers(1, 12)) if kind == "discard" else None,
        method=draw(st.sampled_from(("person", "sensor"))) if kind == "count" else "person",
    )


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Of a day or more, also before and behind all lines."""
    first = FIRST.date() + draw(st.integers(-20, 140)) * DAY
    return Period(first, first + draw(st.integers(0, 90)) * DAY)


@settings(max_examples=60)
@given(
    st.lists(lines(), max_size=40),
    st.lists(st.integers(1, 15), min_size=1, max_size=4),
    st.lists(periods(), min_size=1, max_size=3),
    st.sets(st.sampled_from(STATIONS)),
    st.sampled_from(ZONES),
)
def test_sums_are_those_of_the_fold_however_the_lines_came(
    written: list[Entry],
    steps: list[int],
    asked: list[Period],
    stations: set[str],
    zone: ZoneInfo,
) -> None:
    ledger = ListedLedger([])
    sums = SuppliesSums(None, zone, ledger)
    for step in (*steps, len(written)):
        ledger.listed += written[len(ledger.listed) : len(ledger.listed) + step]
        found = sums.during(stations, asked)
        for period in asked:
            assert found[period] == folded(ledger.after(0), stations, period, zone)
    sums.close()


def entry(kind: str, quantity: int, day: date, station: str = "aa") -> Entry:
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return Entry(station, "water", kind, quantity, at, "li")  # type: ignore[arg-type]


NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def some_lines(count: int) -> list[Entry]:
    """A restock and what was handed out of it."""
    handed = [entry("handout", 1, NOVEMBER.first + n % 29 * DAY) for n in range(count)]
    return [entry("restock", 9_000, date(2026, 10, 1)), *handed]


def used(sums: SuppliesSums) -> int:
    (water,) = sums.during(("aa", "bb"), [NOVEMBER])[NOVEMBER].items
    return water.used


def test_the_file_goes_on_where_it_was(tmp_path: Path) -> None:
    ledger = ListedLedger(some_lines(5))
    first = SuppliesSums(tmp_path / "sums.db", ZONE, ledger)
    assert used(first) == 5
    first.close()
    ledger.listed.append(entry("handout", 3, NOVEMBER.first))
    again = SuppliesSums(tmp_path / "sums.db", ZONE, ledger)
    assert used(again) == 8
    again.close()


def test_two_processes_on_one_file_count_a_line_once(tmp_path: Path) -> None:
    ledger = ListedLedger(some_lines(5))
    both = [SuppliesSums(tmp_path / "sums.db", ZONE, ledger) for _ in range(2)]
    assert [used(one) for one in both] == [5, 5]
    ledger.listed.append(entry("handout", 3, NOVEMBER.first))
    assert [used(one) for one in both] == [8, 8]
    for one in both:
        one.turn()
        assert used(one) == 8
        one.close()


def test_a_restored_ledger_that_went_on_otherwise_is_counted_anew(tmp_path: Path) -> None:
    ledger = ListedLedger(some_lines(9))
    sums = SuppliesSums(tmp_path / "sums.db", ZONE, ledger)
    assert used(sums) == 9
    ledger.listed[5:] = [
        entry("handout", 7, NOVEMBER.last, "bb"),
        entry("restock", 1, NOVEMBER.last),
    ]
    ledger.listed += [entry("handout", 2, NOVEMBER.last)] * 6
    assert used(sums) == 4 + 12
    sums.close()


def test_a_shorter_ledger_is_counted_anew(tmp_path: Path) -> None:
    ledger = ListedLedger(some_lines(9))
    sums = SuppliesSums(tmp_path / "sums.db", ZONE, ledger)
    assert used(sums) == 9
    del ledger.listed[4:]
    assert used(sums) == 3
    sums.close()


class Hiding(ListedLedger):
    """A ledger one of whose lines is committed long after those behind it."""

    hidden = 0

    def after(self, number: int) -> Sequence[Entry]:
        return [one for one in super().after(number) if one.number != self.hidden]

    def lines(self, until: int) -> int:
        return len([one for one in self.after(0) if one.number <= until])


@pytest.mark.parametrize("behind", [3, OVERLAP + 3])
def test_a_line_that_comes_behind_younger_ones_is_not_missed(behind: int) -> None:
    ledger = Hiding(some_lines(behind + 10))
    ledger.hidden = 8
    sums = SuppliesSums(None, ZONE, ledger)
    assert used(sums) == behind + 9
    ledger.hidden = 0
    sums.turn()
    assert used(sums) == behind + 10
    sums.close()


def many_lines() -> ListedLedger:
    """More than is taken in line by line."""
    return ListedLedger([*some_lines(MANY), entry("restock", 5, NOVEMBER.last, "bb")])


@pytest.mark.parametrize("name", [None, "sums.db"])
def test_a_view_does_not_wait_until_a_whole_ledger_is_added_up(
    tmp_path: Path, name: str | None
) -> None:
    sums = SuppliesSums(None if name is None else tmp_path / name, ZONE, many_lines())
    found = sums.during(("aa",), [NOVEMBER], waits=False)[NOVEMBER]
    assert (found.is_known, list(found.items)) == (False, [])
    sums.turn()
    found = sums.during(("aa",), [NOVEMBER], waits=False)[NOVEMBER]
    assert (found.is_known, found.items[0].used) == (True, MANY)
    sums.close()


def test_a_view_is_answered_while_all_is_added_up_and_knows_it_afterwards(tmp_path: Path) -> None:
    sums = SuppliesSums(tmp_path / "sums.db", ZONE, many_lines())
    told: list[bool] = []

    def look() -> bool:
        told.append(sums.during(("aa",), [NOVEMBER], waits=False)[NOVEMBER].is_known)
        return False

    sums.turn(look)
    assert told
    assert not any(told)
    assert used(sums) == MANY
    sums.close()


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_who_is_told_to_stop_leaves_all_as_it_was(tmp_path: Path, steps: int) -> None:
    ledger = ListedLedger(some_lines(5))
    sums = SuppliesSums(tmp_path / "sums.db", ZONE, ledger)
    assert used(sums) == 5
    ledger.listed[:] = [entry("restock", 1, NOVEMBER.first), *many_lines().listed]
    left = iter([False] * steps)
    sums.turn(lambda: next(left, True))
    assert sums._tables.lines() == 6
    assert used(sums) == MANY
    sums.close()


@pytest.mark.parametrize("harm", [b"no database at all", b""])
def test_a_damaged_file_is_made_again(tmp_path: Path, harm: bytes) -> None:
    path = tmp_path / "sums.db"
    path.write_bytes(harm)
    sums = SuppliesSums(path, ZONE, ListedLedger(some_lines(4)))
    assert used(sums) == 4
    sums.close()


def test_a_file_of_another_zone_is_made_again(tmp_path: Path) -> None:
    late = replace(entry("handout", 5, NOVEMBER.last), at=datetime(2026, 11, 30, 20, tzinfo=UTC))
    ledger = ListedLedger([*some_lines(1), late])
    for zone, expected in ((ZONE, 1), (ZoneInfo("UTC"), 6), (ZONE, 1)):
        sums = SuppliesSums(tmp_path / "sums.db", zone, ledger)
        assert used(sums) == expected
        sums.close()


def test_a_view_reads_no_line_that_was_taken_in_long_ago() -> None:
    asked: list[int] = []

    class Watched(ListedLedger):
        def entries(self, stations: Collection[str]) -> Sequence[Entry]:
            raise AssertionError(f"the ledger of {stations} was folded for a view")

        def after(self, number: int) -> Sequence[Entry]:
            asked.append(number)
            return super().after(number)

    known = some_lines(3 * OVERLAP)
    sums = SuppliesSums(None, ZONE, ListedLedger(known))
    sums.turn()
    sums._ledger = Watched(known)
    assert used(sums) == 3 * OVERLAP
    assert asked == [len(known) - OVERLAP]
    sums.close()


def test_sums_are_searched_and_not_gone_through() -> None:
    connection = opened(None, ZONE.key)
    said: list[str] = []
    ledger = ListedLedger(some_lines(40))
    sums = SuppliesSums(None, ZONE, ledger)
    sums.turn()
    sums._tables._db.set_trace_callback(said.append)
    used(sums)
    sums._tables._db.set_trace_callback(None)
    big = [
        one for one in said if " FROM day " in one or " FROM week " in one or " FROM early " in one
    ]
    assert big
    for query in big:
        plans = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()]
        assert any(plan.startswith("SEARCH") for plan in plans), (query, plans)
        assert not any(plan.startswith(("SCAN day", "SCAN week")) for plan in plans)
    connection.close()
    sums.close()
