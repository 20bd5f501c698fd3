"""A shelf for people: how many, how long, from whom, until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from warmstation_server.conditions.place import Place
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.supplies import EMPTY
from warmstation_server.places import Station
from warmstation_server.supplies.expiry import Expiring, expiring
from warmstation_server.supplies.outlook import Outlook, by_book, outlook
from warmstation_server.supplies.shelf import Shelf, as_sensed
from warmstation_wire import StationStatus

SOON_DAYS = 30
"""Shown this early; the alert comes later."""
LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item of one station. `book`: the ledger alone, `shelf`: with what the sensor sees.

    `level`: by its sensor, share of full; `left`: pieces, by book and
    sensor; `days`: until empty, in the middle, early and late; None is unknown or far away.
    """

    station: Station
    item: str
    book: Shelf
    shelf: Shelf
    par: int | None
    level: float | None
    counted_at: datetime | None
    left: int | None
    outlook: Outlook | None
    soon: tuple[Expiring, ...]
    sensed: Sensed | None

    @property
    def state(self) -> str:
        """`empty`, `low`, `ok` or `unknown`: the sensor's where it can know, else the book's."""
        share = None if self.is_settling else self.level
        if share is None and self.left is not None and self.par:
            share = self.left / self.par
        if share is None:
            return "unknown" if self.left is None else "ok" if self.left else "empty"
        if share < EMPTY:
            return "empty"
        return "low" if share < LEAST_SHARE else "ok"

    @property
    def is_settling(self) -> bool:
        """A restock was entered, and the sensor has not been asked about it yet."""
        return self.counted_at is not None and not self.shelf.is_settled(self.counted_at)

    @property
    def percent(self) -> int | None:
        """How full, for the bar."""
        if self.level is not None and not self.is_settling:
            return round(self.level * 100)
        if self.left is None or not self.par:
            return None
        return min(100, round(100 * self.left / self.par))

    @property
    def rise(self) -> int | None:
        """Percent by which the level rose while nobody entered a restock."""
        found = self.sensed.unrecorded if self.sensed else None
        return None if found is None else round(100 * (found.after - found.before))

    @property
    def rise_pieces(self) -> int | None:
        """The same in pieces."""
        found = self.sensed.unrecorded if self.sensed else None
        if found is None or not self.par:
            return None
        return max(1, round((found.after - found.before) * self.par))

    @property
    def presets(self) -> tuple[int, ...]:
        """Quantities on the buttons: what fills the shelf, and a few round ones."""
        usual = (6, 12, 24, 48)
        if not self.par:
            return usual
        missing = max(0, self.par - (self.left or 0))
        wanted = {missing, self.par, -(-self.par // 2), -(-self.par // 4)} - {0}
        return tuple(sorted(wanted))

    def days(self, which: str) -> float | None:
        """Days until empty: `hours`, `early_h` or `late_h` of the outlook."""
        found: float | None = getattr(self.outlook, which) if self.outlook else None
        return None if found is None else found / 24


def item_facts(
    station: Station,
    item: str,
    shelves: Mapping[tuple[str, str], Shelf],
    pars: Mapping[tuple[str, str], int],
    status: StationStatus | None,
    sensed: Mapping[str, Sensed],
    now: datetime,
    today: date,
) -> ItemFacts:
    """Everything that is known of one item."""
    key = station.id, item
    book, par = shelves.get(key, Shelf()), pars.get(key)
    seen = next((one for one in status.supplies if one.item_id == item), None) if status else None
    level = seen.level if seen else None
    counted_at = seen.counted_at if seen else None
    known = as_sensed(book, level, par, counted_at or now)
    felt = sensed.get(item)
    ahead = outlook("sensor", felt.forecast) if felt and felt.forecast else None
    if ahead is None and felt is None:
        ahead = by_book(known, par, Place(station), now)
    return ItemFacts(
        station,
        item,
        book,
        known,
        par,
        level,
        counted_at,
        known.left,
        ahead,
        tuple(expiring(known.batches, today, SOON_DAYS)),
        felt,
    )


def neediest_first(
    stations: Iterable[Station], statuses: Mapping[str, StationStatus]
) -> list[Station]:
    """By the lowest level that a sensor sees; before any ledger is asked, which takes longer."""

    def least(station: Station) -> float:
        seen = statuses.get(station.id)
        levels = (one.level for one in seen.supplies) if seen else ()
        return min((level for level in levels if level is not None), default=1.0)

    return sorted(stations, key=lambda one: (least(one), one.id))


def urgent_first(found: Iterable[ItemFacts]) -> list[ItemFacts]:
    """Empty, then low, then what runs out first."""
    order = {"empty": 0, "low": 1, "unknown": 3, "ok": 2}
    return sorted(
        found,
        key=lambda one: (
            order[one.state],
            one.days("early_h") if one.days("early_h") is not None else 99.0,
            one.station.id,
            one.item,
        ),
    )
