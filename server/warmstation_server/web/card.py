"""A station as a page shows it: every value with a state of its own, every word in place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from warmstation_server.places import Station
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.badge import Badge, Look, badge_of
from warmstation_server.web.links import amap
from warmstation_server.web.words import Words
from warmstation_wire import StationStatus, SupplyStatus, rfc3339

Known = Literal["known", "unknown", "absent"]
CHIPS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A number out of another, or why there is none: not known, or no such thing there."""

    state: Known
    value: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A thing on the shelf or in the room, with a word for how much of it is left."""

    text: str
    role: str = "plain"


@dataclass(frozen=True, slots=True)
class Card:
    """What the list shows of a station."""

    station: Station
    name: str
    look: Look
    hours: str
    reported: str | None
    age: str
    seats: Figure
    phone: Figure
    ebike: Figure
    room: Figure
    heating: str | None
    is_broken: bool
    chips: tuple[Chip, ...]
    more: int
    navigation: str


def card(station: Station, snapshot: Snapshot, now: datetime, words: Words) -> Card:
    """The card of one station."""
    status = snapshot.statuses.get(station.id)
    name = words.text(station.name)
    chips = [*shelf(status, words), *(Chip(words.name_of("facility", f)) for f in _only(station))]
    reported = status.last_reported if status else None
    return Card(
        station=station,
        name=name,
        look=badge_of(status).look,
        hours=opening(station, status, snapshot.next_change.get(station.id), now, words),
        reported=rfc3339(reported) if reported else None,
        age=words.ago(reported, now) if reported else words("age.never"),
        seats=seats(station, status),
        phone=chargers(station, status, "phone"),
        ebike=chargers(station, status, "ebike"),
        room=room(status),
        heating=words(f"heating.short.{status.heating_state}")
        if status and status.heating_state in ("fault", "warming_up")
        else None,
        is_broken=bool(status and status.heating_state == "fault"),
        chips=tuple(chips[:CHIPS]),
        more=max(0, len(chips) - CHIPS),
        navigation=amap(station.lat, station.lon, station.name.zh),
    )


def opening(
    station: Station,
    status: StationStatus | None,
    change: datetime | None,
    now: datetime,
    words: Words,
) -> str:
    """When it opens or closes next by its posted hours."""
    if status is None or status.is_scheduled_open is None:
        return words("hours.unknown")
    if change is None:
        return words("hours.always" if status.is_scheduled_open else "hours.none")
    time = words.day_and_time(change, now, station.zone)
    if badge_of(status) == Badge.OPEN and not status.is_scheduled_open:
        return words("hours.beyond", time=time)
    return words("hours.until" if status.is_scheduled_open else "hours.from", time=time)


def seats(station: Station, status: StationStatus | None) -> Figure:
    """Free seats of all."""
    if not station.capacity:
        return Figure("absent")
    free = status.num_seats_available if status else None
    if free is None:
        return Figure("unknown", of=station.capacity)
    return Figure("known", str(free), station.capacity)


def chargers(station: Station, status: StationStatus | None, kind: str) -> Figure:
    """Free chargers of one kind; the plan says how many there should be."""
    planned = sum(plan.count for plan in station.chargers if plan.kind == kind)
    count = next((c for c in status.chargers if c.kind == kind), None) if status else None
    if count is None:
        return Figure("unknown", of=planned) if planned else Figure("absent")
    seen = count.num_available + count.num_in_use + count.num_out_of_order
    return Figure("known", str(count.num_available), max(planned, seen))


def room(status: StationStatus | None) -> Figure:
    """Room temperature in whole °C."""
    celsius = status.indoor_temperature_c if status else None
    return Figure("unknown") if celsius is None else Figure("known", str(round(celsius)))


def shelf(status: StationStatus | None, words: Words) -> list[Chip]:
    """What is on the shelf, what is there first and what is gone last."""
    order = ("ok", "low", "unknown", "empty")
    supplies = sorted(status.supplies, key=lambda s: order.index(s.state)) if status else []
    return [_chip(supply, words) for supply in supplies]


def newest(snapshot: Snapshot) -> datetime | None:
    """When the server last heard any station: the age of the data, not of the page."""
    heard = (status.last_reported for status in snapshot.statuses.values())
    return max((moment for moment in heard if moment), default=None)


def _chip(supply: SupplyStatus, words: Words) -> Chip:
    item = words.name_of("item", supply.item_id)
    role = {"ok": "plain", "low": "low", "empty": "gone", "unknown": "unsure"}[supply.state]
    return Chip(words(f"shelf.{supply.state}", item=item), role)


def _only(station: Station) -> list[str]:
    """Facilities that are not already on the shelf."""
    return [name for name in station.facilities if name not in station.supplies]
