"""The ledger of supplies beside the level sensors: what becomes an alert, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.registered import NOON, FixedPlaces, received, station
from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.roster import Roster
from warmstation_server.stocking import Stocking
from warmstation_server.supplies.entry import Entry

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Book:
    """A ledger in memory, that may be away."""

    def __init__(self) -> None:
        self.lines: list[Entry] = []
        self.par: dict[tuple[str, str], int] = {}
        self.is_away = False

    def write(self, kind: Any, quantity: int, item: str = "water", **more: Any) -> None:
        number = len(self.lines) + 1
        made = Entry("ks-songnan", item, kind, quantity, NOON, "li", number=number)
        self.lines.append(replace(made, **more))

    def after(self, number: int) -> Sequence[Entry]:
        if self.is_away:
            raise ConnectionError("the registry is away")
        return [one for one in self.lines if one.number > number]

    def pars(self) -> Mapping[tuple[str, str], int]:
        return self.par


class Shelf:
    """One station with its watch and its ledger."""

    def __init__(self, folder: Path, zone: str = "Asia/Shanghai") -> None:
        roster = Roster(FixedPlaces(station(supplies=("water", "noodles"), zone=zone)))
        roster.refresh()
        self.book, self.now, self.seq = Book(), NOON, 0
        watch = KeptWatch(folder / "watch", roster)
        self.stocking = Stocking(watch, self.book, roster)
        self.last: dict[tuple[str, str], Condition] = {}
        self.told: list[Condition] = []

    def tick(self, **span: float) -> None:
        self.now += timedelta(**span)
        for one in self.stocking.conditions((), self.now):
            self._hear(one)

    def measure(self, level: float, minutes: int) -> None:
        for _ in range(minutes):
            self.now += MINUTE
            self.seq += 1
            supplies = [{"item": "water", "level": level}]
            self.stocking.after_reports([received(self.seq, self.now, supplies=supplies)])
            for one in self.stocking.conditions(("ks-songnan",), self.now):
                self._hear(one)

    def holds(self, name: str, item: str = "water") -> bool | None:
        found = self.last.get((name, item))
        return None if found is None else found.holds

    def _hear(self, one: Condition) -> None:
        self.told.append(one)
        self.last[one.name, one.subject] = one


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_restock_in_the_ledger_ends_an_empty_shelf_within_three_reports(shelf: Shelf) -> None:
    shelf.measure(0.0, 30)
    assert shelf.holds("supplies.empty") is True
    shelf.book.write("restock", 40, at=shelf.now)
    shelf.stocking.wake()
    shelf.measure(0.9, 2)
    assert shelf.holds("supplies.empty") is False


def test_a_restock_explains_a_rise_and_none_leaves_it_open(shelf: Shelf) -> None:
    shelf.measure(0.2, 30)
    shelf.measure(0.9, 15)
    asked = shelf.stocking.ask("ks-songnan", shelf.now)
    shelf.tick(seconds=1)
    rise = asked.result(0)["water"].unrecorded
    assert rise is not None
    assert (rise.before, rise.after) == (0.2, 0.9)
    shelf.book.write("restock", 28, at=shelf.now)
    shelf.stocking.wake()
    asked = shelf.stocking.ask("ks-songnan", shelf.now)
    shelf.tick(seconds=1)
    assert asked.result(0)["water"].unrecorded is None


def test_who_looked_of_late_is_told_at_once(shelf: Shelf) -> None:
    shelf.measure(0.5, 10)
    first = shelf.stocking.ask("ks-songnan", shelf.now)
    assert not first.done()
    shelf.tick(seconds=1)
    known = first.result(0)
    shelf.tick(minutes=3)
    newer = shelf.stocking.ask("ks-songnan", shelf.now).result(0)
    assert newer is not known
    for _ in range(70):
        shelf.tick(minutes=1)
    assert not shelf.stocking.ask("ks-songnan", shelf.now).done()


def test_a_shelf_with_a_ledger_is_known_every_minute_without_being_asked(shelf: Shelf) -> None:
    shelf.measure(0.5, 10)
    shelf.book.write("count", 20)
    shelf.tick(minutes=1)
    assert shelf.stocking.ask("ks-songnan", shelf.now).done()


def test_what_expires_soon_is_told_until_it_is_gone(shelf: Shelf) -> None:
    shelf.book.write("restock", 10, "noodles", expires_on=date(2026, 12, 1))
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.expiry", "noodles") is False
    shelf.now += 4 * DAY
    shelf.tick(minutes=1)
    told = shelf.last["supplies.expiry", "noodles"]
    assert (told.holds, told.value, told.evidence["pieces"]) == (True, 6.0, 10)
    assert told.advice is not None
    shelf.book.write("handout", 10, "noodles", at=shelf.now)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.expiry", "noodles") is False


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Shanghai", 12), ("Europe/Berlin", 19), ("Pacific/Auckland", 7)]
)
def test_a_day_less_is_left_from_midnight_of_the_station(
    tmp_path: Path, zone: str, hours: int
) -> None:
    shelf = Shelf(tmp_path, zone)  # noon of the 21st in Shanghai
    shelf.book.write("restock", 10, "noodles", expires_on=date(2026, 11, 24))
    shelf.tick(hours=hours, minutes=-1)
    assert shelf.last["supplies.expiry", "noodles"].value == 3.0
    shelf.tick(minutes=1)
    assert shelf.last["supplies.expiry", "noodles"].value == 2.0


def test_without_a_sensor_the_book_says_when_it_is_empty(shelf: Shelf) -> None:
    shelf.book.par["ks-songnan", "noodles"] = 24
    shelf.book.write("restock", 24, "noodles")
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.low", "noodles") is False
    shelf.book.write("count", 3, "noodles", at=shelf.now)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.low", "noodles") is True
    shelf.book.write("handout", 3, "noodles", at=shelf.now)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.empty", "noodles") is True
    shelf.book.write("restock", 24, "noodles", at=shelf.now)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.empty", "noodles") is False
    assert shelf.holds("supplies.low", "noodles") is False


def test_where_a_sensor_looks_the_book_says_nothing_of_levels(shelf: Shelf) -> None:
    shelf.measure(0.5, 5)
    shelf.book.write("count", 0)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.empty") is False


def test_while_the_ledger_is_away_the_sensors_go_on_and_nothing_is_missed(shelf: Shelf) -> None:
    shelf.book.is_away = True
    shelf.book.write("count", 0, "noodles")
    shelf.measure(0.0, 30)
    assert shelf.holds("supplies.empty") is True
    assert shelf.holds("supplies.empty", "noodles") is None
    shelf.book.is_away = False
    shelf.tick(minutes=2)
    assert shelf.holds("supplies.empty", "noodles") is True


def test_a_line_that_is_committed_behind_a_later_one_is_read_all_the_same(shelf: Shelf) -> None:
    shelf.book.write("restock", 24, "noodles", number=2)
    shelf.tick(minutes=1)
    shelf.book.write("count", 0, "noodles", number=1, at=NOON + MINUTE)
    shelf.tick(minutes=1)
    assert shelf.holds("supplies.empty", "noodles") is True


def test_nothing_is_told_twice_while_nothing_changes(shelf: Shelf) -> None:
    shelf.book.write("count", 0, "noodles")
    shelf.tick(minutes=1)
    told = len(shelf.told)
    shelf.tick(seconds=1)
    shelf.tick(minutes=1)
    assert len(shelf.told) == told


def test_a_minute_looks_at_every_shelf_once_and_never_at_all_of_them_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A city's thousands of shelves would else hold up what is dangerous once a minute."""
    names = [f"ks-{number:03}" for number in range(150)]
    roster = Roster(FixedPlaces(*(station(name, supplies=("water",)) for name in names)))
    roster.refresh()
    book, watch = Book(), KeptWatch(tmp_path / "watch", roster)
    for name in names:
        book.write("restock", 24, station=name)
    stocking, looked = Stocking(watch, book, roster), list[str]()

    def sensed(name: str, now: datetime) -> Mapping[str, Sensed]:
        looked.append(name)
        return {}

    monkeypatch.setattr(watch, "sensed", sensed)
    list(stocking.conditions((), NOON))
    assert sorted(looked) == names, "a start looks at all"
    looked.clear()
    most = 0
    for second in range(60):
        before = len(looked)
        list(stocking.conditions((), NOON + timedelta(seconds=second + 1)))
        most = max(most, len(looked) - before)
    assert sorted(looked) == names
    assert most == 3
