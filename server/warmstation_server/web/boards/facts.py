"""What the templates of the boards are given."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.boards.address import Asked
from warmstation_server.web.boards.around import stations_in
from warmstation_server.web.boards.door import door
from warmstation_server.web.boards.wall import wall
from warmstation_server.web.languages import path_in
from warmstation_server.web.words import Words
from warmstation_wire import rfc3339

LATE_S = 150
SCRIPT_WORDS = ("ago.", "board.script.")


def wall_facts(
    asked: Asked, snapshot: Snapshot, site: Site, now: datetime, words: Words
) -> dict[str, Any]:
    """A region's wall."""
    it = wall(asked.id, asked.at, snapshot, now, words)
    sheet = (asked.sheet - 1) % it.turns + 1
    following = sheet % it.turns + 1
    turn = Asked("wall", asked.id, following, asked.at, asked.theme)
    heard = [
        status.last_reported
        for station in stations_in(asked.id, snapshot)
        if (status := snapshot.statuses.get(station.id)) and status.last_reported
    ]
    return {
        **_common(asked, max(heard, default=None), site.zone, now, words),
        "it": it,
        "name": words.text(snapshot.regions[asked.id].name),
        "sheet": sheet,
        "turn": path_in(words.language, turn.path) + turn.query,
    }


def door_facts(
    asked: Asked, snapshot: Snapshot, site: Site, now: datetime, words: Words
) -> dict[str, Any]:
    """A station's door."""
    station = snapshot.stations[asked.id]
    status = snapshot.statuses.get(asked.id)
    return {
        **_common(asked, status.last_reported if status else None, station.zone, now, words),
        "it": door(station, snapshot, site, now, words),
        "name": words.text(station.name),
        "station": station,
        "turn": "",
    }


def _common(
    asked: Asked, heard: datetime | None, zone: str, now: datetime, words: Words
) -> dict[str, Any]:
    local = now.astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    age = heard and {
        "at": rfc3339(heard),
        "text": words.ago(heard, now),
        "late": (now - heard).total_seconds() >= LATE_S,
    }
    return {
        "theme": asked.theme,
        "newest": age,
        "clock": f"{local:%H:%M}",
        "offset_min": int(offset.total_seconds() // 60) if offset else 0,
        "script_words": words.starting(SCRIPT_WORDS),
    }
