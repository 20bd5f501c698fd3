"""What a wall in a region shows: sums, who is nearest with what, sheets of stations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from warmstation_server.places import Station, lineage
from warmstation_server.snapshot import PublicAlert, Snapshot
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.boards.around import has_room, in_order, middle, stations_in
from warmstation_server.web.boards.walking import Place, in_words, walk
from warmstation_server.web.card import Card, card
from warmstation_server.web.query import offers
from warmstation_server.web.words import Words
from warmstation_wire import StationStatus, rfc3339

A_SHEET = 9
MOST_STATIONS = 36
AREAS = 12
TROUBLES = 4
WARM_C = 18.0
"""Design practice for rest rooms in the cold months."""

Offer = Callable[[StationStatus], int | None]


class Tile(NamedTuple):
    """A sum over the region. `of`: out of how many; `known`: from how many stations."""

    word: str
    value: int | None
    of: int | None
    role: str
    shape: str = ""


class Nearest(NamedTuple):
    """Where the nearest (or most) of a thing is."""

    want: str
    name: str
    way: str
    value: str


class Spot(NamedTuple):
    """A station on a sheet. `share`: percent of its seats that are taken."""

    card: Card
    way: str
    share: int | None
    water: str


class Area(NamedTuple):
    """A part of the region, where the board's own place is not known."""

    name: str
    seats: int | None
    open: int
    of: int
    share: int | None


class Trouble(NamedTuple):
    """Something that does not work, for how long."""

    text: str
    name: str
    since: str
    age: str


class Wall(NamedTuple):
    """Everything on it. `turns`: how many sheets there are, that of the areas included."""

    tiles: tuple[Tile, ...]
    nearest: tuple[Nearest, ...]
    areas: tuple[Area, ...]
    sheets: tuple[tuple[Spot, ...], ...]
    troubles: tuple[Trouble, ...]
    is_placed: bool
    left_out: int
    is_simulated: bool
    turns: int


def wall(region: str, at: Place | None, snapshot: Snapshot, now: datetime, words: Words) -> Wall:
    """The wall of a region, hanging `at` a place or, in a small region, in its middle."""
    stations = stations_in(region, snapshot)
    here = at or middle(stations)
    ordered = in_order(stations, snapshot, here)
    shown = [_spot(one, here, snapshot, now, words) for one in ordered[:MOST_STATIONS]]
    sheets = tuple(tuple(shown[first : first + A_SHEET]) for first in range(0, len(shown), A_SHEET))
    areas = () if here else tuple(_areas(region, stations, snapshot, words))
    return Wall(
        tiles=tuple(_tiles(stations, snapshot)),
        nearest=tuple(_nearest(ordered, here, snapshot, words)),
        areas=areas,
        sheets=sheets,
        troubles=tuple(_troubles(stations, snapshot, now, words)),
        is_placed=here is not None,
        left_out=len(ordered) - len(shown),
        is_simulated=any(station.is_simulated for station in stations),
        turns=max(1, len(sheets) + bool(areas)),
    )


def water_of(status: StationStatus | None) -> str:
    """Whether there is hot water: yes, low, no, unknown or none here."""
    items = status.supplies if status else ()
    state = next((one.state for one in items if one.item_id in ("water", "hot_water")), None)
    return "none" if state is None else state


def free(status: StationStatus | None, kind: str) -> int | None:
    """Free chargers of a kind; None where that is not known."""
    counts = status.chargers if status else ()
    return next((one.num_available for one in counts if one.kind == kind), None)


def _tiles(stations: Sequence[Station], snapshot: Snapshot) -> Iterator[Tile]:
    found = [snapshot.statuses.get(station.id) for station in stations]
    badges = [badge_of(status) for status in found]
    usable = [s for s, b in zip(found, badges, strict=True) if b in (Badge.OPEN, Badge.LATE)]
    is_open = sum(badge in (Badge.OPEN, Badge.LATE, Badge.FULL) for badge in badges)
    silent = sum(badge in (Badge.LATE, Badge.UNKNOWN) for badge in badges)
    yield Tile("open", is_open, len(stations), "ok")
    seats = _sum([status.num_seats_available for status in usable if status])
    yield Tile("seats", seats, None, "plain")
    yield Tile("phone", _sum([free(s, "phone") for s in usable]), None, "plain")
    yield Tile("ebike", _sum([free(s, "ebike") for s in usable]), None, "plain")
    yield Tile("silent", silent, None, "bad" if silent else "plain", "▲" if silent else "")


def _nearest(
    ordered: Sequence[Station], here: Place | None, snapshot: Snapshot, words: Words
) -> Iterator[Nearest]:
    """For each want the first in the order; without a place, the one that has the most of it."""
    usable = [station for station in ordered if has_room(station, snapshot)]
    for want, amount in _WANTS.items():
        known = [(station, amount(snapshot.statuses[station.id])) for station in usable]
        having = [(station, value) for station, value in known if value]
        if not having:
            yield Nearest(want, words("board.nowhere"), "", "")
            continue
        best = having[0] if here else max(having, key=lambda pair: pair[1])
        yield Nearest(
            want,
            words.text(best[0].name),
            _way(best[0], here, snapshot, words),
            words(f"board.has.{want}", n=best[1]),
        )


def _warm(status: StationStatus) -> int | None:
    celsius = status.indoor_temperature_c
    return round(celsius) if celsius is not None and celsius >= WARM_C else None


_WANTS: dict[str, Offer] = {
    "seat": lambda status: status.num_seats_available,
    "warm": _warm,
    "phone": lambda status: free(status, "phone"),
    "ebike": lambda status: free(status, "ebike"),
    "water": lambda status: 1 if offers(status, "water") else None,
}


def _spot(
    station: Station, here: Place | None, snapshot: Snapshot, now: datetime, words: Words
) -> Spot:
    status = snapshot.statuses.get(station.id)
    seats = status.num_seats_available if status else None
    return Spot(
        card=card(station, snapshot, now, words),
        way=_way(station, here, snapshot, words),
        share=_taken(seats, station.capacity),
        water=water_of(status),
    )


def _way(station: Station, here: Place | None, snapshot: Snapshot, words: Words) -> str:
    """How to get there; where the board hangs nobody knows where, the street it is in."""
    if here is None:
        region = snapshot.regions.get(station.region_id)
        return words.text(region.name) if region else ""
    way = walk(here, (station.lat, station.lon))
    return words("board.here") if way.metres <= 30 else in_words(way, words)


def _areas(
    region: str, stations: Sequence[Station], snapshot: Snapshot, words: Words
) -> list[Area]:
    """The region's parts, where it has several."""
    parts: dict[str, list[Station]] = {}
    for station in stations:
        line = lineage(station.region_id, snapshot.regions)
        below = line[: line.index(region)]
        if below:
            parts.setdefault(below[-1], []).append(station)
    if len(parts) < 2:
        return []
    found = [
        _area(words.text(snapshot.regions[id_].name), inside, snapshot)
        for id_, inside in parts.items()
    ]
    return sorted(found, key=lambda area: -(area.seats or 0))[:AREAS]


def _area(name: str, stations: Sequence[Station], snapshot: Snapshot) -> Area:
    usable = [station for station in stations if has_room(station, snapshot)]
    seats = _sum([snapshot.statuses[station.id].num_seats_available for station in usable])
    return Area(
        name=name,
        seats=seats,
        open=len(usable),
        of=len(stations),
        share=_taken(seats, sum(station.capacity for station in usable)),
    )


def _troubles(
    stations: Sequence[Station], snapshot: Snapshot, now: datetime, words: Words
) -> list[Trouble]:
    names = {station.id: words.text(station.name) for station in stations}
    concerned = [alert for alert in snapshot.alerts if alert.station_id in names]
    newest = sorted(concerned, key=lambda alert: alert.since, reverse=True)
    return [_trouble(alert, names, now, words) for alert in newest[:TROUBLES]]


def _trouble(alert: PublicAlert, names: dict[str, str], now: datetime, words: Words) -> Trouble:
    return Trouble(
        words.text(alert.text),
        names[alert.station_id],
        rfc3339(alert.since),
        words.ago(alert.since, now),
    )


def _taken(seats: int | None, capacity: int) -> int | None:
    return None if seats is None or capacity <= 0 else round(100 * (capacity - seats) / capacity)


def _sum(values: Sequence[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
