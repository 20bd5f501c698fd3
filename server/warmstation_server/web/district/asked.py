"""What an address asks for: which days, which stations. Pure but for the visit's own scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from warmstation_server.places import Region, Station
from warmstation_server.usage.groups import LEVELS, chosen, lineage
from warmstation_server.usage.metric import BY_KEY
from warmstation_server.usage.period import PRESETS, Period, between, named
from warmstation_server.usage.recorded import RANKED
from warmstation_server.web.staff.visit import Visit

DEFAULT = "30d"
OWN = "own"


@dataclass(frozen=True, slots=True)
class Asked:
    """`period_name`: a preset, or `own`. `is_wrong`: the dates made no sense; others are shown."""

    period_name: str
    period: Period
    region: str
    host: str
    trend: str
    rank: str
    stations: tuple[Station, ...]
    regions: Mapping[str, Region]
    is_wrong: bool = False

    def query(self, **other: str) -> str:
        """The same as a query, with something else in it."""
        known = {
            "period": self.period_name,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "region": self.region,
            "host": self.host,
            "trend": self.trend,
            "rank": self.rank,
        }
        return urlencode({key: value for key, value in (known | other).items() if value})


def asked(visit: Visit, given: Mapping[str, str]) -> Asked:
    """What was asked, for a visitor's own stations only; what makes no sense becomes the usual."""
    district = visit.parts.district
    assert district is not None  # noqa: S101 - pages are only there with it
    today = district.today(visit.now)
    name, is_wrong = OWN if _dates_moved(given) else given.get("period", DEFAULT), False
    period = named(name, today)
    if period is None:
        name, period = OWN, between(given.get("first", ""), given.get("last", ""), today)
    if period is None:
        name, period, is_wrong = DEFAULT, named(DEFAULT, today), True
    assert period is not None  # noqa: S101 - the usual one is always there
    regions, region = visit.tree.regions, given.get("region", "")
    mine = list(visit.stations())
    if region and not any(region in lineage(one.region_id, regions) for one in mine):
        region = ""
    hosts = {one.host_type for one in mine}
    host = given.get("host", "") if given.get("host", "") in hosts else ""
    return Asked(
        name,
        period,
        region,
        host,
        _metric(given.get("trend", ""), BY_KEY, "visits"),
        _metric(given.get("rank", ""), RANKED, "hours_kept"),
        tuple(chosen(mine, regions, region, host)),
        regions,
        is_wrong,
    )


def choices(visit: Visit) -> tuple[list[tuple[Region, int]], list[str]]:
    """Regions that hold any of the visitor's stations, as a tree with depths; host types."""
    mine, regions = list(visit.stations()), visit.tree.regions
    held = {name for one in mine for name in lineage(one.region_id, regions)}
    found: list[tuple[Region, int]] = []

    def add(parent: str | None, depth: int) -> None:
        below = [regions[name] for name in held if _parent(regions[name], held) == parent]
        for region in sorted(below, key=lambda one: (LEVELS.index(one.level), one.id)):
            found.append((region, depth))
            add(region.id, depth + 1)

    add(None, 0)
    return found, sorted({one.host_type for one in mine})


def _dates_moved(given: Mapping[str, str]) -> bool:
    """Whether somebody wrote other dates into the form and left the name of the range alone."""
    name, first, last = (given.get(key, "") for key in ("period", "first", "last"))
    was = given.get("shown", "")
    return was.startswith(f"{name} ") and was != f"{name} {first} {last}"


def presets() -> tuple[str, ...]:
    """Names of ranges that the form offers."""
    return (*PRESETS, OWN)


def _parent(region: Region, held: set[str]) -> str | None:
    return region.parent_id if region.parent_id in held else None


def _metric(given: str, known: Collection[str], usual: str) -> str:
    return given if given in known else usual
