"""A station for its manager: in the list, and on its own page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from warmstation_server.alerts.state import AlertState
from warmstation_server.places import Station
from warmstation_server.snapshot import Snapshot
from warmstation_server.status.override import Override
from warmstation_server.supplies.shelf import Shelf
from warmstation_server.web.card import Card, card
from warmstation_server.web.words import Words

MOST = 60
"""Stations in one list; the search finds the others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One station in the list."""

    station: Station
    card: Card
    alerts: int
    reports: int
    manual: Override | None

    @property
    def trouble(self) -> int:
        """How much there is to do."""
        return self.alerts + self.reports


def lines(
    stations: Iterable[Station],
    snapshot: Snapshot,
    alerts: Mapping[str, int],
    reports: Mapping[str, int],
    now: datetime,
    words: Words,
) -> list[Line]:
    """Those with something to do first."""
    found = [
        Line(
            station,
            card(station, snapshot, now, words),
            alerts.get(station.id, 0),
            reports.get(station.id, 0),
            held(snapshot, station.id, now),
        )
        for station in stations
    ]
    return sorted(found, key=lambda one: (-one.trouble, one.station.id))


def held(snapshot: Snapshot, station: str, now: datetime) -> Override | None:
    """What somebody said by hand, where it still holds."""
    found = snapshot.overrides.get(station)
    return found if found is not None and found.holds(now) else None


def standing(alerts: Iterable[AlertState]) -> list[AlertState]:
    """Those that are not over: a resolved one is remembered for a while."""
    return [one for one in alerts if one.phase == "firing"]


def items_of(station: Station, shelves: Mapping[tuple[str, str], Shelf]) -> list[str]:
    """What is on the shelf: as promised, and what the ledger knows besides."""
    known = sorted(item for place, item in shelves if place == station.id)
    return list(dict.fromkeys((*station.supplies, *known)))
