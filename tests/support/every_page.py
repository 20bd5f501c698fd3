"""Every page there is: the public ones by their templates, the staff's from the router."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fastapi.routing import APIRoute

from tests.support.snapshots import city
from tests.support.staff import Staff
from warmstation_dashboards.resources import TEMPLATES
from warmstation_server.places import Region, Station, Text
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.staff.rooms import PAGES

PUBLIC = {
    "list.html": "/",
    "station.html": "/stations/ks-004",
    "report.html": "/stations/ks-004/report",
    "error.html": "/stations/ks-nowhere",
    "board/wall.html": "/board/ks?at=31.385,120.98",
    "board/door.html": "/board/ks-001",
    "reference/page.html": "/docs/mqtt",
}
"""A page of each public template; `shown` says which templates those must be."""
FRAMES = {"layout.html", "parts.html", "icons.html", "page.html"}
STAFF_FOLDERS = {"staff", "manage", "district", "alerts", "supplies"}
STREAMS = {"/manage/live"}


def shown() -> set[str]:
    """Templates of public pages, as they lie in the folder."""
    found = {path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")}
    return {
        path.as_posix()
        for path in found
        if path.parts[0] not in STAFF_FOLDERS
        and (path.name not in FRAMES or path.parts[0] == "reference")
    }


def staff_pages(staff: Staff) -> Iterator[str]:
    """The addresses of all staff pages that need nothing but a station or a region."""
    known = {"station": "ks-004", "station_id": "ks-004", "region": "ks-qiandeng"}
    for room in PAGES:
        for route in room(staff.parts).routes:
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
                continue
            blanks = [part for part in route.path.split("/") if part.startswith("{")]
            names = [blank.strip("{}").partition(":")[0] for blank in blanks]
            if route.path in STREAMS or not set(names) <= known.keys():
                continue
            path = route.path
            for blank, name in zip(blanks, names, strict=True):
                path = path.replace(blank, known[name])
            yield path


def translated() -> Snapshot:
    """A city in which every name has both languages, so that what is left in one is a mistake."""
    small = city(12)
    return replace(
        small,
        stations={station.id: _named(station) for station in small.stations.values()},
        regions={region.id: _named_region(region) for region in small.regions.values()},
    )


def _named(station: Station) -> Station:
    name = Text("甲乙丙", f"Station {station.id[-1]}")
    return replace(station, name=name, address="", donors=())


def _named_region(region: Region) -> Region:
    return replace(region, name=Text("丁戊", "Region"))
