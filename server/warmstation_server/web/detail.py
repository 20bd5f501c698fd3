"""A station in full, as its own page shows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.places import Station, lineage
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.busy import Bar, bars, busiest
from warmstation_server.web.card import Card, Figure, card, chargers
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.links import MapLink, map_links
from warmstation_server.web.words import Words
from warmstation_wire import ChargerCount, StationStatus, SupplyStatus

KINDS = ("phone", "ebike")
ANSWERS = 3
ANSWERS_LAST = timedelta(days=7)
"""So many answers to riders are shown, for so long."""


class ChargerRow(NamedTuple):
    """All chargers of one kind. `unknown`: how many the counts leave out."""

    word: str
    free: Figure
    in_use: int | None
    broken: int | None
    unknown: int


class ShelfRow(NamedTuple):
    """One item: how full in percent, in words, when it was counted and who gives it."""

    word: str
    state: str
    role: str
    percent: int | None
    age: str | None
    counted: str | None
    donor: str | None


class ByHand(NamedTuple):
    """Why it was opened or closed by hand, and until when."""

    reason: str
    until: str


class Said(NamedTuple):
    """What had been reported, what staff said back and when."""

    kind: str
    text: str
    age: str
    said: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that the station page says."""

    card: Card
    evidence: str
    is_measured: bool
    posted: str
    heating: str
    target_c: str
    room_exact: str | None
    people: int | None
    chargers: tuple[ChargerRow, ...]
    shelf: tuple[ShelfRow, ...]
    facilities: tuple[str, ...]
    faults: tuple[str, ...]
    regions: tuple[str, ...]
    maps: tuple[MapLink, ...]
    bars: tuple[Bar, ...]
    busiest: int | None
    manual: ByHand | None
    answers: tuple[Said, ...]


def detail(station: Station, snapshot: Snapshot, now: datetime, words: Words) -> Detail:
    """The page of one station."""
    status = snapshot.statuses.get(station.id)
    busy = snapshot.busy.get(station.id, ())
    celsius = status.indoor_temperature_c if status else None
    return Detail(
        card=card(station, snapshot, now, words),
        evidence=words(f"evidence.{evidence(status)}"),
        is_measured=bool(status and status.open_basis == "observed"),
        posted=hours_in_words(station.hours, words),
        heating=words(f"heating.{status.heating_state if status else 'unknown'}"),
        target_c=f"{station.target_c:g}",
        room_exact=None if celsius is None else f"{celsius:.1f}",
        people=status.num_people if status else None,
        chargers=tuple(_charger_rows(station, status, words)),
        shelf=tuple(_shelf_rows(station, status, now, words)),
        facilities=tuple(words.name_of("facility", name) for name in station.facilities),
        faults=tuple(fault_in_words(name, words) for name in status.facility_faults)
        if status
        else (),
        regions=tuple(
            words.text(snapshot.regions[region].name)
            for region in reversed(lineage(station.region_id, snapshot.regions))
        ),
        maps=map_links(station.lat, station.lon, station.name.zh, station.address),
        bars=tuple(bars(busy, now.astimezone(ZoneInfo(station.zone)).hour)),
        busiest=busiest(busy),
        manual=_by_hand(station, snapshot, now, words),
        answers=tuple(
            Said(
                words(f"kind.{one.kind}"),
                one.text,
                words.ago(one.said_at, now),
                one.said_at.isoformat(),
            )
            for one in snapshot.answers.get(station.id, ())[:ANSWERS]
            if now - one.said_at < ANSWERS_LAST
        ),
    )


def _by_hand(station: Station, snapshot: Snapshot, now: datetime, words: Words) -> ByHand | None:
    found = snapshot.overrides.get(station.id)
    if found is None or not found.holds(now):
        return None
    return ByHand(found.reason, words.day_and_time(found.until, now, station.zone))


def evidence(status: StationStatus | None) -> str:
    """Why the badge says what it says: the key of a sentence."""
    if status is None or status.data_state == "never":
        return "never"
    if status.is_open is None or badge_of(status) is Badge.UNKNOWN:
        return "silent"
    if status.open_basis == "manual":
        return "manual_open" if status.is_open else "manual_closed"
    if status.open_basis == "observed":
        if status.is_open:
            return "seen_open" if status.is_scheduled_open else "seen_open_beyond"
        return "seen_closed"
    return "posted_open" if status.is_open else "posted_closed"


def fault_in_words(name: str, words: Words) -> str:
    """What does not work: a sensor by its name, a charger (`p1`, `e1`) by its kind and id."""
    known = words.name_of("fault", name)
    if known != name.replace("_", " "):
        return known
    numbered = name[1:].isdigit()
    kind = {"p": "phone", "e": "ebike"}.get(name[0], "other") if numbered else "other"
    return words(f"fault.{kind}", id=name)


def _charger_rows(station: Station, status: StationStatus | None, words: Words) -> list[ChargerRow]:
    return [
        _charger_row(words(f"charger.{kind}"), figure, _count(status, kind))
        for kind in KINDS
        if (figure := chargers(station, status, kind)).state != "absent"
    ]


def _charger_row(word: str, free: Figure, count: ChargerCount | None) -> ChargerRow:
    if count is None:
        return ChargerRow(word, free, None, None, 0)
    seen = count.num_available + count.num_in_use + count.num_out_of_order
    unseen = max(0, (free.of or 0) - seen)
    return ChargerRow(word, free, count.num_in_use, count.num_out_of_order, unseen)


def _count(status: StationStatus | None, kind: str) -> ChargerCount | None:
    return next((c for c in status.chargers if c.kind == kind), None) if status else None


def _shelf_rows(
    station: Station, status: StationStatus | None, now: datetime, words: Words
) -> list[ShelfRow]:
    donors = dict(station.donors)
    said = {supply.item_id: supply for supply in status.supplies} if status else {}
    items = dict.fromkeys((*station.supplies, *said))
    unknown = {item: SupplyStatus(item_id=item, state="unknown") for item in items}
    return [
        _shelf_row(said.get(item, unknown[item]), donors.get(item), now, words) for item in items
    ]


def _shelf_row(supply: SupplyStatus, donor: str | None, now: datetime, words: Words) -> ShelfRow:
    at = supply.counted_at
    return ShelfRow(
        word=words.name_of("item", supply.item_id),
        state=words(f"level.{supply.state}"),
        role=_ROLES[supply.state],
        percent=None if supply.level is None else round(supply.level * 100),
        age=words.ago(at, now) if at else None,
        counted=at.isoformat() if at else None,
        donor=donor,
    )


_ROLES = {"ok": "ok", "low": "warn", "empty": "bad", "unknown": "na"}
