"""Which board an address asks for. Pure.

`/board/{id}` is the wall of a region, or the door of a station where no region has that id;
`/board/{id}/door` is always the door, `/board/{id}/2` the wall with its second sheet in front.
A region comes first because its wall shows the station too, and not the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from warmstation_server.snapshot import Snapshot
from warmstation_server.web.boards.walking import Place

Kind = Literal["wall", "door"]
THEMES = ("light", "dark")
MOST_SHEETS = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """One board. `at`: where it hangs, when that was said. `theme`: None as the device likes it."""

    kind: Kind
    id: str
    sheet: int = 1
    at: Place | None = None
    theme: str | None = None

    @property
    def path(self) -> str:
        """Its address without a language and a query."""
        return f"/board/{self.id}" if self.sheet == 1 else f"/board/{self.id}/{self.sheet}"

    @property
    def query(self) -> str:
        """The query in one canonical order, with its `?`; empty where nothing was asked."""
        given = [("at", f"{self.at[0]:.4f},{self.at[1]:.4f}")] if self.at else []
        given += [("theme", self.theme)] if self.theme else []
        return "?" + urlencode(given, safe=",") if given else ""


def asked(place: str, query: bytes, snapshot: Snapshot) -> Asked | None:
    """What an address such as `/board/ks/2?at=31.4,121` asks for; None where there is no such."""
    parts = place.strip("/").split("/")
    if parts[0] != "board" or not 2 <= len(parts) <= 3:
        return None
    id_, which = parts[1], parts[2] if len(parts) == 3 else "1"
    given = dict(parse_qsl(query.decode("ascii", "replace")[:200]))
    at, theme = _place(given.get("at", ""), snapshot), given.get("theme")
    if theme not in THEMES:
        theme = None
    if which == "door" or id_ not in snapshot.regions:
        is_there = id_ in snapshot.stations and which in ("1", "door")
        return Asked("door", id_, 1, None, theme) if is_there else None
    if not which.isascii() or not which.isdigit() or not 1 <= int(which) <= MOST_SHEETS:
        return None
    return Asked("wall", id_, int(which), at, theme)


def _place(text: str, snapshot: Snapshot) -> Place | None:
    """`lat,lon` to about 10 m, or the id of the station in which the board hangs."""
    if text in snapshot.stations:
        station = snapshot.stations[text]
        return station.lat, station.lon
    lat, _, lon = text[:40].partition(",")
    try:
        here = round(float(lat), 4), round(float(lon), 4)
    except (ValueError, OverflowError):
        return None
    return here if abs(here[0]) <= 90 and abs(here[1]) <= 180 else None
