"""What a rider asked the list for: parsed from the address, written back into links. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, hypot, radians
from urllib.parse import parse_qsl, urlencode

from warmstation_server.places import Region, Station, lineage
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.finding import meant, typed
from warmstation_wire import StationStatus

WANTS = ("open", "seat", "phone", "ebike", "water", "food")
PAGE = 24
MOST = 2400
FOOD = frozenset({"noodles", "biscuits", "bread", "meal", "snacks", "food", "porridge", "sausage"})
WATER = frozenset({"water", "hot_water", "drinking_water"})
GRID_DEG = 0.01
"""About 1 km: a rider's position is never taken finer than this."""
METRES_PER_DEG = 111_320


@dataclass(frozen=True, slots=True)
class ListQuery:
    """`wants`: filters that are on. `near`: latitude and longitude rounded to the grid.

    `named`: what was typed to find a station by its name, street or address.
    """

    wants: frozenset[str] = frozenset()
    street: str | None = None
    near: tuple[float, float] | None = None
    show: int = PAGE
    named: str = ""

    @classmethod
    def parse(cls, query: str, regions: Mapping[str, Region]) -> ListQuery:
        """Read a query string; what makes no sense is left out."""
        given = dict(parse_qsl(query, max_num_fields=40)) if query.count("&") < 40 else {}
        street = given.get("street")
        return cls(
            wants=frozenset(want for want in WANTS if given.get(want) == "1"),
            street=street if street in regions else None,
            near=_near(given.get("near", "")),
            show=_show(given.get("show", "")),
            named=typed(given.get("q", "")),
        )

    def toggled(self, want: str) -> ListQuery:
        """The same with one filter turned round, from the top again."""
        return replace(self, wants=self.wants ^ {want}, show=PAGE)

    def without_filters(self) -> ListQuery:
        """Only what was typed, among all stations."""
        return ListQuery(named=self.named)

    def showing(self, show: int) -> ListQuery:
        """The same with more stations shown."""
        return replace(self, show=min(show, MOST))

    def __str__(self) -> str:
        """The query string in one canonical order, with its `?`, empty where nothing is asked."""
        given = [("q", self.named)] if self.named else []
        given += [(want, "1") for want in WANTS if want in self.wants]
        given += [("street", self.street)] if self.street else []
        given += [("near", f"{self.near[0]:.2f},{self.near[1]:.2f}")] if self.near else []
        given += [("show", str(self.show))] if self.show != PAGE else []
        return "?" + urlencode(given, safe=",") if given else ""

    def stations(self, snapshot: Snapshot) -> list[Station]:
        """Those that fit, best first: nearest where a place was given, else most useful."""
        offering = (s for s in snapshot.stations.values() if self._fits(s, snapshot))
        fitting = meant(offering, snapshot.regions, self.named)
        if self.near:
            near = self.near
            return sorted(fitting, key=lambda s: (distance_m(near, (s.lat, s.lon)), s.id))
        return sorted(fitting, key=lambda s: _usefulness(s, snapshot.statuses.get(s.id)))

    def _fits(self, station: Station, snapshot: Snapshot) -> bool:
        status = snapshot.statuses.get(station.id)
        if self.street and self.street not in lineage(station.region_id, snapshot.regions):
            return False
        return all(offers(status, want) for want in self.wants)


def offers(status: StationStatus | None, want: str) -> bool:
    """Whether a station is known to offer what a filter asks for; unknown is never yes."""
    if status is None:
        return False
    if want == "open":
        return badge_of(status) in (Badge.OPEN, Badge.LATE, Badge.FULL)
    if want == "seat":
        return bool(status.num_seats_available)
    if want in ("phone", "ebike"):
        return any(c.kind == want and c.num_available > 0 for c in status.chargers)
    items = WATER if want == "water" else FOOD
    return any(s.item_id in items and s.state in ("ok", "low") for s in status.supplies)


def distance_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Metres between two nearby points (equirectangular, WGS-84 degrees)."""
    east = (there[1] - here[1]) * cos(radians((here[0] + there[0]) / 2))
    return hypot(east, there[0] - here[0]) * METRES_PER_DEG


def _usefulness(station: Station, status: StationStatus | None) -> tuple[Badge, bool, int, str]:
    seats = (status.num_seats_available if status else None) or 0
    is_cold = status is not None and status.heating_state == "fault"
    return badge_of(status), is_cold, -seats, station.id


def _near(text: str) -> tuple[float, float] | None:
    lat, _, lon = text[:40].partition(",")
    try:
        here = round(float(lat), 2), round(float(lon), 2)
    except (ValueError, OverflowError):
        return None
    return here if abs(here[0]) <= 90 and abs(here[1]) <= 180 else None


def _show(text: str) -> int:
    if text == "all":
        return MOST
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else PAGE
    pages = -(-min(max(wanted, PAGE), MOST) // PAGE)
    return pages * PAGE
