"""What the display on a station's door shows, with the next station where this one is no help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from warmstation_server.places import Station
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.boards.around import has_room, in_order
from warmstation_server.web.boards.qr import Qr, qr
from warmstation_server.web.boards.walking import in_words, walk
from warmstation_server.web.boards.wall import water_of
from warmstation_server.web.card import Card, card
from warmstation_server.web.languages import path_in
from warmstation_server.web.query import distance_m
from warmstation_server.web.words import Words

NEXT = 3
NEXT_WITHIN_M = 20_000


class Next(NamedTuple):
    """Another station with room, and the way there."""

    name: str
    way: str
    seats: int | None


class Door(NamedTuple):
    """Everything on it. `is_help`: whether one can go in and sit down here."""

    card: Card
    state: str
    is_help: bool
    water: str
    people: int | None
    next: tuple[Next, ...]
    qr: Qr
    is_simulated: bool


def door(station: Station, snapshot: Snapshot, site: Site, now: datetime, words: Words) -> Door:
    """The door of a station."""
    status = snapshot.statuses.get(station.id)
    shown = card(station, snapshot, now, words)
    return Door(
        card=shown,
        state=_state(station, shown, snapshot, now, words),
        is_help=has_room(station, snapshot),
        water=water_of(status),
        people=status.num_people if status else None,
        next=tuple(_next(station, snapshot, words)),
        qr=qr(site.url(path_in(words.language, f"/stations/{station.id}"))),
        is_simulated=station.is_simulated or bool(status and status.is_simulated),
    )


def _state(station: Station, shown: Card, snapshot: Snapshot, now: datetime, words: Words) -> str:
    """`Open until 22:00`; whatever else it is, and its hours."""
    status, change = snapshot.statuses.get(station.id), snapshot.next_change.get(station.id)
    is_open = badge_of(status) is Badge.OPEN and status is not None and status.is_scheduled_open
    if is_open and change is not None:
        return words("board.open.until", time=words.day_and_time(change, now, station.zone))
    return words("board.state", state=words(shown.look.word), hours=shown.hours)


def _next(station: Station, snapshot: Snapshot, words: Words) -> Iterator[Next]:
    here = station.lat, station.lon
    others = [
        one
        for one in snapshot.stations.values()
        if one.id != station.id
        and has_room(one, snapshot)
        and distance_m(here, (one.lat, one.lon)) <= NEXT_WITHIN_M
    ]
    for other in in_order(others, snapshot, here)[:NEXT]:
        way = walk(here, (other.lat, other.lon))
        seats = snapshot.statuses[other.id].num_seats_available
        yield Next(words.text(other.name), in_words(way, words), seats)
