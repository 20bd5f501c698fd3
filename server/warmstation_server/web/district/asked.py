"""What an address asks for: which days, which stations. Pure but for the visit's own scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from warmstation_server.places import Region, Station, lineage
from warmstation_server.usage.groups import LEVELS
from warmstation_server.usage.metric import BY_KEY
from warmstation_server.usage.period import PRESETS, Period, between, named
from warmstation_server.usage.recorded import RANKED
from warmstation_server.web.staff.visit import Visit
from warmstation_server.web.words import Words

DEFAULT = "30d"
OWN = "own"
MOST_SAID = 60
"""Characters of what made no sense."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`period_name`: a preset, or `own`. `wrong`: what made no sense, as it was given; the usual
    is shown in its place."""

    period_name: str
    period: Period
    region: str
    host: str
    trend: str
    rank: str
    stations: tuple[Station, ...]
    regions: Mapping[str, Region]
    wrong: Mapping[str, str] = field(default_factory=dict)

    def wrong_in_words(self, t: Words) -> str:
        """What made no sense, and what is shown instead; "" where all of it did."""
        return " ".join(t(f"district.wrong.{what}", given=one) for what, one in self.wrong.items())

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
    wrong: dict[str, str] = {}
    name, period = _period(given, district.today(visit.now), wrong)
    regions, mine = visit.tree.regions, every(visit)
    region = _known(given, "region", _held(visit, mine), "", wrong)
    host = _known(given, "host", {one.host_type for one in mine}, "", wrong)
    return Asked(
        name,
        period,
        region,
        host,
        _known(given, "trend", BY_KEY, "visits", wrong),
        _known(given, "rank", RANKED, "hours_kept", wrong),
        tuple(district.chosen(mine, regions, region, host, period)),
        regions,
        wrong,
    )


def every(visit: Visit) -> list[Station]:
    """The visitor's stations, and those that were."""
    return [*visit.stations(), *(one.station for one in visit.retired())]


def _held(visit: Visit, mine: Iterable[Station]) -> set[str]:
    """Regions that hold any of them, or did."""
    district, regions = visit.parts.district, visit.tree.regions
    assert district is not None  # noqa: S101 - pages are only there with it
    stood = {name for one in mine for name in district.regions_of(one)}
    return {above for name in stood for above in lineage(name, regions)}


def _period(given: Mapping[str, str], today: date, wrong: dict[str, str]) -> tuple[str, Period]:
    name = OWN if _dates_moved(given) else given.get("period", DEFAULT)
    period = named(name, today)
    if period is not None and name not in PRESETS:
        name = OWN
    if period is None:
        name, period = OWN, between(given.get("first", ""), given.get("last", ""), today)
    if period is None:
        name, period = DEFAULT, named(DEFAULT, today)
        wrong["days"] = ""
    assert period is not None  # noqa: S101 - the usual one is always there
    return name, period


def _known(
    given: Mapping[str, str], key: str, among: Collection[str], usual: str, wrong: dict[str, str]
) -> str:
    one = given.get(key, "")
    if one and one not in among:
        wrong[key] = one[:MOST_SAID]
    return one if one in among else usual


def choices(visit: Visit) -> tuple[list[tuple[Region, int]], list[str]]:
    """Regions that hold any of the visitor's stations, as a tree with depths; host types."""
    mine, regions = every(visit), visit.tree.regions
    held = _held(visit, mine)
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
