"""Every page there is: where it is, who looks at it, and that none is left out.

A page is an address in one of two worlds: the lived-in city, or the town whose shelves and sensors
are at work. `left_out` asks the router and the folder of templates what has no address here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from tests.support import lived_in, manage_town
from tests.support.daytime import Daytime
from tests.support.lived_in import ELSEWHERE, HERE, MEASURED, SHUT, ZONE, LivedIn
from tests.support.snapshots import city
from warmstation_dashboards.resources import TEMPLATES
from warmstation_server.places import Region, Station, Text
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.manage import checkin
from warmstation_server.web.staff import login
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rooms import PAGES as ROOMS

PUBLIC = {
    "list.html": "/",
    "station.html": f"/stations/{HERE}",
    "report.html": f"/stations/{HERE}/report",
    "error.html": "/stations/ks-nowhere",
    "board/wall.html": "/board/ks?at=31.385,120.98",
    "board/door.html": f"/board/{HERE}",
    "reference/page.html": "/docs/mqtt",
}
"""A page of each public template; `shown` says which templates those must be."""
FRAMES = {"layout.html", "parts.html", "icons.html", "page.html"}
STAFF_FOLDERS = {"staff", "manage", "district", "alerts", "supplies"}
WRITTEN = (*lived_in.WRITTEN, *manage_town.WRITTEN)
"""What people wrote in either world."""
NOT_PAGES = {
    "/manage/live": "a stream",
    "/manage/stations/{station}/visits.csv": "a file",
    "/district/exports/{job}/file": "a file",
}
"""What answers a GET, and is nothing to look at."""


class Page(NamedTuple):
    """`who` is signed in, or nobody; `world`: in which of them it is."""

    path: str
    who: str = ""
    status: int = 200
    world: str = "city"


PAGES: dict[str, Page] = {
    "list": Page("/"),
    "filtered": Page("/?open=1&seat=1&street=ks-qiandeng"),
    "nothing": Page("/?ebike=1&food=1&water=1&phone=1&seat=1&street=ks-zhangpu"),
    "station": Page(f"/stations/{HERE}"),
    "station-fault": Page("/stations/ks-007"),
    "station-late": Page("/stations/ks-002"),
    "station-never": Page("/stations/ks-003"),
    "station-full": Page("/stations/ks-001"),
    "report": Page(f"/stations/{HERE}/report"),
    "thanks": Page(f"/stations/{HERE}/report?sent=1"),
    "missing": Page("/stations/ks-nowhere", status=404),
    "wall": Page("/board/ks?at=31.385,120.98"),
    "areas": Page("/board/ks"),
    "door": Page(f"/board/{HERE}"),
    "door-full": Page("/board/ks-001"),
    "door-never": Page("/board/ks-003"),
    "api": Page("/docs/api"),
    "mqtt": Page("/docs/mqtt"),
    "login": Page("/login?next=/manage"),
    "me": Page("/me", "chief"),
    "people": Page("/people", "chief"),
    "person-new": Page("/people/new", "chief"),
    "person": Page("/people/wang", "chief"),
    "audit": Page("/audit", "chief"),
    "register": Page(f"/manage/stations/{HERE}/register", "chief"),
    "retired": Page("/manage/retired", "chief"),
    "regions": Page("/manage/regions", "chief"),
    "region": Page("/manage/regions/ks-qiandeng", "chief"),
    "no-right": Page("/people", "zhao", 403),
    "alerts": Page("/manage", "chief"),
    "alerts-quiet": Page("/manage", "zhao"),
    "alert": Page("/manage/alerts/{waits}", "chief"),
    "alert-silenced": Page("/manage/alerts/{silenced}", "chief"),
    "alert-missing": Page("/manage/alerts/none", "chief", 404),
    "district": Page("/district?period=7d", "chief"),
    "district-street": Page("/district?period=7d&region=ks-yushan&trend=room_c", "li"),
    "district-evidence": Page(f"/district/stations/{SHUT}?period=7d&day=DAY", "chief"),
    "district-exports": Page("/district/exports", "chief"),
    "manage-commissioning": Page(f"/manage/stations/{HERE}/commissioning", "chief"),
    "manage-elsewhere": Page(f"/manage/stations/{ELSEWHERE}", "zhao"),
    **{
        f"manage-{name}": Page(path, "li", world="town") for name, path in manage_town.PAGES.items()
    },
    "checkin": Page("CHECKIN", world="town"),
}


@dataclass
class World:
    """An application, its people, and what stands for the blanks in addresses."""

    app: ASGIApp
    client: Any
    blanks: dict[str, str]
    parts: Any = None

    def path(self, page: Page) -> str:
        """Where the page is."""
        path = page.path
        for blank, value in self.blanks.items():
            path = path.replace(blank, value)
        return path

    def key(self, login: str) -> str:
        """The cookie of somebody who is signed in."""
        return str(self.client(login).cookies["warmstation"])


@contextmanager
def worlds(folder: Path, snapshot: Snapshot | None = None) -> Iterator[dict[str, World]]:
    """Both; names are in both languages unless a snapshot says otherwise."""
    (folder / "city").mkdir()
    (folder / "town").mkdir()
    with (
        lived_in.lived_in(folder / "city", snapshot or translated()) as lived,
        manage_town.manage_town(folder / "town", "http://127.0.0.1:8000") as (town, _),
    ):
        staff = lived.staff
        town.breath_s = 0.2  # nobody writes any more
        code = {"CHECKIN": manage_town.checkin(town)}
        yield {
            "city": World(staff.app, staff.client, _blanks(lived), staff.parts),
            "town": World(town.app, lambda who: town.client(who) if who else town.stranger(), code),
        }


def _blanks(lived: LivedIn) -> dict[str, str]:
    day = (lived.staff.parts.clock.now() - timedelta(days=1)).astimezone(ZONE).date()
    return {"{waits}": lived.waits, "{silenced}": lived.silenced, "DAY": day.isoformat()}


def left_out(parts: StaffParts) -> set[str]:
    """Addresses and templates of pages that PAGES does not go to."""
    routers = [room(parts) for room in (*ROOMS, login.router, checkin.router)]
    routes = [
        route
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    ]
    gone_to = {_answering(routes, path) for path in _bare_paths()}
    known = {page.path for page in PAGES.values()}
    pages = {route.path for route in routes} - NOT_PAGES.keys()
    return (pages - gone_to) | (shown() ^ PUBLIC.keys()) | (set(PUBLIC.values()) - known)


def _bare_paths() -> Iterator[str]:
    for page in PAGES.values():
        yield page.path.partition("?")[0].replace("CHECKIN", "/checkin/ks-songnan/code")


def _answering(routes: list[APIRoute], path: str) -> str | None:
    """The address as it is declared: of the first route that fits, as the router chooses."""
    return next((route.path for route in routes if route.path_regex.match(path)), None)


def shown() -> set[str]:
    """Templates of public pages, as they lie in the folder."""
    found = {path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")}
    return {
        path.as_posix()
        for path in found
        if path.parts[0] not in STAFF_FOLDERS
        and (path.name not in FRAMES or path.parts[0] == "reference")
    }


def translated() -> Snapshot:
    """A small city whose names have both languages: what is left in one is a mistake."""
    small = city(60, now=Daytime().now())
    numbers = {*range(13), *(int(one.removeprefix("ks-")) for one in MEASURED)}
    kept = [one for n, one in enumerate(small.stations.values()) if n in numbers]
    return replace(
        small,
        stations={station.id: _named(station) for station in kept},
        statuses={station.id: small.statuses[station.id] for station in kept},
        regions={region.id: _named_region(region) for region in small.regions.values()},
    )


def _named(station: Station) -> Station:
    number = station.id[-2:]
    name = Text(f"甲乙丙丁路{number}号暖新驿站", f"Warm Station {number} of Long Willow Road")
    return replace(station, name=name, address="", donors=())


def _named_region(region: Region) -> Region:
    return replace(region, name=Text("戊己镇", "Willow Town"))
