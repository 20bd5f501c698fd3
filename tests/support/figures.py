"""A city with stations, and a district's figures without a server behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from warmstation_server.exports.jobs import Jobs
from warmstation_server.exports.maker import Maker
from warmstation_server.history import History
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.hours import Hours
from warmstation_server.places import ChargerPlan, Region, Station, Text
from warmstation_server.roster import Roster
from warmstation_server.supplies.entry import Entry
from warmstation_server.usage.counting import Counting
from warmstation_server.usage.day import Span
from warmstation_server.usage.district import District
from warmstation_server.usage.response import Alarm
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.supplies_sums import SuppliesSums
from warmstation_server.visits import VisitCount
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.words import Words

SEAL = f"7:{'3f5a' * 16}"
HOSTS = ("community", "property", "shop")


def station(name: str, region: str, host: str = "community", **more: object) -> Station:
    """A station that is open from 8 to 20, with twelve seats and two chargers."""
    known: dict[str, object] = {
        "id": name,
        "district": "kunshan",
        "name": Text(f"驿站 {name}", f"Station {name}"),
        "lat": 31.3,
        "lon": 120.9,
        "region_id": region,
        "hours": "Mo-Su 08:00-20:00",
        "capacity": 12,
        "host_type": host,
        "chargers": (ChargerPlan("phone", 2),),
        "supplies": ("water",),
    }
    return Station(**(known | more))  # type: ignore[arg-type]


def city(stations: int) -> tuple[dict[str, Region], list[Station]]:
    """A city of one district, a street for every 25 stations, five communities a street."""
    regions = [
        Region("ks", Text("昆山市", "Kunshan"), "city"),
        Region("ks-d", Text("开发区", "Zone"), "district", "ks"),
    ]
    streets = max(2, stations // 25)
    for n in range(streets):
        regions.append(
            Region(f"street-{n:02}", Text(f"第{n}街道", f"Street {n}"), "street", "ks-d")
        )
        for m in range(5):
            name = Text(f"第{n}-{m}社区", f"Community {n}-{m}")
            regions.append(Region(f"com-{n:02}-{m}", name, "community", f"street-{n:02}"))
    places = [
        station(f"st-{n:04}", f"com-{n % streets:02}-{n % 5}", HOSTS[n % 3])
        for n in range(stations)
    ]
    return {one.id: one for one in regions}, places


@dataclass
class Written:
    """Records in lists."""

    fired: list[Alarm] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    counted: list[VisitCount] = field(default_factory=list)

    def alarms(self, start: datetime, end: datetime) -> Sequence[Alarm]:
        """Those of this time."""
        return [one for one in self.fired if start <= one.fired_at < end]

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Those of these stations and of this time."""
        return [one for one in self.counted if one.station in stations and start <= one.start < end]


@dataclass
class ListedLedger:
    """A ledger in a list; a line's number is its place."""

    listed: list[Entry]

    def entries(self, stations: Collection[str]) -> Sequence[Entry]:
        """Those of these stations."""
        return [one for one in self.after(0) if one.station in stations]

    def after(self, number: int) -> Sequence[Entry]:
        """Those behind this one."""
        every = enumerate(self.listed, 1)
        return [replace(one, number=n) for n, one in every if n > number]

    def newest(self) -> int:
        """Of the last one."""
        return len(self.listed)

    def lines(self, until: int) -> int:
        """All of them."""
        return min(until, len(self.listed))

    def stations(self) -> Sequence[str]:
        """All that have a line."""
        return sorted({one.station for one in self.listed})


@dataclass
class Promised:
    """Stations in a dict, as the roster has them; nothing ever changed."""

    known: Mapping[str, Station]

    def breaks(self, _station: str) -> Sequence[Span]:
        """None."""
        return ()

    def moves(self, _station: str) -> Sequence[datetime]:
        """None."""
        return ()

    def then(self, station: Station, _at: datetime) -> Station:
        """What it always was."""
        return station

    def spans(self, station: Station, start: datetime, end: datetime) -> list[Span]:
        """By their posted hours."""
        return list(Hours(station.hours, station.zone).intervals(start, end))


def district_of(
    rollup: Rollup,
    zone: ZoneInfo,
    history: History | None = None,
    stations: Collection[Station] = (),
    written: Written | None = None,
) -> District:
    """A district over this rollup."""
    promised = Promised({one.id: one for one in stations})
    counting = Counting(history or MemoryHistory(zone), rollup, promised, zone)
    records = written or Written()
    supplies = SuppliesSums(None, zone, ListedLedger(records.ledger))
    return District(rollup, counting, records, supplies, zone)


def counted(
    folder: Path, zone: ZoneInfo, history: History, stations: Collection[Station], now: datetime
) -> District:
    """A district whose rollup is up to date with a history."""
    found = district_of(Rollup(folder / "usage.db", zone.key), zone, history, stations)
    found.counting.turn(now)
    return found


def with_figures(parts: StaffParts, folder: Path, roster: Roster) -> tuple[StaffParts, Rollup]:
    """Staff pages that count what their history has; close the rollup when done."""
    zone = ZoneInfo(parts.site.zone)
    rollup = Rollup(folder / "usage.db", zone.key)
    counting = Counting(parts.history, rollup, roster, zone)
    supplies = SuppliesSums(None, zone, parts.registry.supplies)
    district = District(rollup, counting, parts.registry.records, supplies, zone)
    maker = Maker(district, lambda: (roster.regions, roster.known), Words, lambda: SEAL)
    jobs = Jobs(folder / "exports", maker, parts.clock)
    return replace(parts, district=district, exports=jobs), rollup
