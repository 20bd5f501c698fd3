"""What each page's template is given. Pure functions of a snapshot and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warmstation_server.places import Region, Station, lineage
from warmstation_server.registry import KINDS
from warmstation_server.registry.reports import MAX_TEXT
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.card import card, newest
from warmstation_server.web.detail import detail
from warmstation_server.web.finding import around, itself
from warmstation_server.web.query import PAGE, WANTS, ListQuery
from warmstation_server.web.words import Words
from warmstation_wire import rfc3339

LATE_S = 150
"""Data older than this is late, as in the board's data_state."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem report as a rider left it, to be shown again with what was wrong."""

    kind: str = ""
    text: str = ""
    error: str = ""
    is_sent: bool = False


def list_facts(asked: ListQuery, snapshot: Snapshot, now: datetime, words: Words) -> Facts:
    """The list of stations that fit."""
    found = asked.stations(snapshot)
    shown = [card(station, snapshot, now, words) for station in found[: asked.show]]
    return {
        "asked": asked,
        "total": len(found),
        "cards": shown,
        "finds": {one.station.id: _finds(one.station, snapshot) for one in shown},
        "chips": [(want, want in asked.wants, str(asked.toggled(want))) for want in WANTS],
        "streets": _streets(snapshot, words),
        "more": str(asked.showing(asked.show + PAGE)) if len(found) > len(shown) else None,
        "everything": str(asked.showing(len(found))),
        "wider": None if found or not asked.named else _wider(asked, snapshot),
        "newest": _age(newest(snapshot), now, words),
        "simulated": any(station.is_simulated for station in snapshot.stations.values()),
    }


def station_facts(station: str, snapshot: Snapshot, now: datetime, words: Words) -> Facts:
    """One station in full."""
    status = snapshot.statuses.get(station)
    return {
        "it": detail(snapshot.stations[station], snapshot, now, words),
        "station": snapshot.stations[station],
        "newest": _age(status.last_reported if status else None, now, words),
    }


def report_facts(station: str, draft: Draft, snapshot: Snapshot, words: Words) -> Facts:
    """The form that says what is wrong at a station."""
    place = snapshot.stations[station]
    return {
        "station": place,
        "name": words.text(place.name),
        "kinds": KINDS,
        "max_text": MAX_TEXT,
        "draft": draft,
    }


def _finds(station: Station, snapshot: Snapshot) -> str:
    """What a phone without a network searches: the same text as here."""
    return f"{itself(station)} {around(station.region_id, snapshot.regions)}"


def _streets(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    """Regions to choose from: streets and towns where the tree has them, else what it has."""
    used = {station.region_id for station in snapshot.stations.values()}
    lines = [lineage(region, snapshot.regions) for region in used]
    found = {_street(line, snapshot) for line in lines if line}
    return sorted((region.id, words.text(region.name)) for region in found)


def _street(line: list[str], snapshot: Snapshot) -> Region:
    regions = [snapshot.regions[region] for region in line]
    return next((region for region in regions if region.level == "street"), regions[0])


def _wider(asked: ListQuery, snapshot: Snapshot) -> tuple[str, int] | None:
    """Where stations of that name are, filters aside, and how many; None where there are none."""
    wider = asked.without_filters()
    found = len(wider.stations(snapshot)) if wider != asked else 0
    return (str(wider), found) if found else None


def _age(moment: datetime | None, now: datetime, words: Words) -> Facts | None:
    if moment is None:
        return None
    late = (now - moment).total_seconds() > LATE_S
    return {"at": rfc3339(moment), "text": words.ago(moment, now), "late": late}
