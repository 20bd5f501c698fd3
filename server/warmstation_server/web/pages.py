"""The rider's pages as documents, rendered once for each state of the world and then kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warmstation_dashboards.resources import LANGUAGES, TEMPLATES
from warmstation_server.clock import Clock
from warmstation_server.places import Region
from warmstation_server.publish.documents import Document, document
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.web.assets import Assets
from warmstation_server.web.card import card, newest
from warmstation_server.web.detail import detail
from warmstation_server.web.headers import HTML, SECURE
from warmstation_server.web.query import PAGE, WANTS, ListQuery, lineage
from warmstation_server.web.words import Words
from warmstation_wire import rfc3339

KEPT = 256
"""Rendered pages in memory, at most; about 60 KB each."""
FRESH_S = 10
"""Ages are written out, so a page is never served longer than this even if nothing happens."""
KINDS = ("locked", "cold", "empty", "broken", "other")
MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem report as a rider left it, to be shown again with what was wrong."""

    kind: str = ""
    text: str = ""
    error: str = ""
    sent: bool = False


NEW = Draft()
SENT = Draft(sent=True)


class Pages:
    """Finds pages by path and query. One event loop calls it; it never blocks."""

    def __init__(self, current: Current, site: Site, clock: Clock, assets: Assets) -> None:
        self._current = current
        self._site = site
        self._clock = clock
        self._assets = assets
        self._words = {language: Words(language) for language in LANGUAGES}
        self._kept: OrderedDict[tuple[str, str], Document] = OrderedDict()
        self._kept_for: tuple[int, int] | None = None
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def find(self, path: str, query: bytes) -> Document | None:
        """The page of an address; None where there is none, or where the app must answer."""
        if query.startswith(b"lang=") or b"&lang=" in query or path.startswith(("/api/", "/feed/")):
            return None
        language, place = language_of(path)
        snapshot, now = self._current.get(), self._clock.now()
        self._forget_what_is_old(snapshot, now)
        render = self._renderer(place, query, snapshot)
        if render is None:
            return None
        return self._keep(language, *render, snapshot, now)

    def every(self, snapshot: Snapshot, now: datetime) -> Iterator[Document]:
        """All pages that need no query: for a directory that any web server can serve."""
        for words in self._words.values():
            home = path_in(words.language, "/")
            yield self._page(home, *self._list(ListQuery(), snapshot, now, words), now, words)
            for station in snapshot.stations:
                path = path_in(words.language, f"/stations/{station}")
                yield self._page(path, *self._station(station, snapshot, now, words), now, words)

    def report_form(self, station: str, path: str, draft: Draft, status: int = 200) -> Document:
        """The form of a station that exists, with what was wrong where something was."""
        snapshot, now = self._current.get(), self._clock.now()
        words = self._words[language_of(path)[0]]
        name, context = self._report(station, draft, snapshot, words)
        return self._page(path, name, context, now, words, status)

    def error(self, path: str, status: int) -> Document:
        """A page that says what went wrong (404, 405, 413, 429, 500, 503)."""
        words = self._words[language_of(path)[0]]
        known = status if status in (404, 429, 500, 503) else 400 if status < 500 else 500
        context = {"status": status, "key": f"error.{known}"}
        return self._page(path, "error.html", context, self._clock.now(), words, status)

    def _renderer(self, place: str, query: bytes, snapshot: Snapshot) -> _Named | None:
        if place == "/":
            asked = ListQuery.parse(query.decode("ascii", "replace"), snapshot.regions)
            return f"/{asked}", lambda now, words: self._list(asked, snapshot, now, words)
        parts = place.strip("/").split("/")
        if parts[0] != "stations" or len(parts) not in (2, 3) or parts[1] not in snapshot.stations:
            return None
        station = parts[1]
        if len(parts) == 2:
            name = f"/stations/{station}"
            return name, lambda now, words: self._station(station, snapshot, now, words)
        if parts[2] != "report":
            return None
        draft = SENT if query == b"sent=1" else NEW
        name = f"/stations/{station}/report?{draft.sent}"
        return name, lambda _, words: self._report(station, draft, snapshot, words)

    def _keep(
        self, language: str, name: str, render: _Render, snapshot: Snapshot, now: datetime
    ) -> Document:
        key = language, name
        found = self._kept.get(key)
        if found is None:
            words = self._words[language]
            path = path_in(language, name.partition("?")[0])
            found = self._kept[key] = self._page(path, *render(now, words), now, words)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def _forget_what_is_old(self, snapshot: Snapshot, now: datetime) -> None:
        current = snapshot.version, int(now.timestamp()) // FRESH_S
        if current != self._kept_for:
            self._kept.clear()
            self._kept_for = current

    def _list(self, asked: ListQuery, snapshot: Snapshot, now: datetime, words: Words) -> _Filled:
        found = asked.stations(snapshot)
        shown = [card(station, snapshot, now, words) for station in found[: asked.show]]
        return "list.html", {
            "asked": asked,
            "total": len(found),
            "of": len(snapshot.stations),
            "cards": shown,
            "chips": [(want, want in asked.wants, str(asked.toggled(want))) for want in WANTS],
            "streets": _streets(snapshot, words),
            "more": str(asked.showing(asked.show + PAGE)) if len(found) > len(shown) else None,
            "everything": str(asked.showing(len(found))),
            "newest": _age(newest(snapshot), now, words),
            "simulated": any(station.is_simulated for station in snapshot.stations.values()),
        }

    def _station(self, station: str, snapshot: Snapshot, now: datetime, words: Words) -> _Filled:
        place = snapshot.stations[station]
        return "station.html", {
            "it": detail(place, snapshot, now, words),
            "station": place,
            "taken": words.clock(snapshot.at, self._site.zone),
            "newest": _age(_heard(snapshot, station), now, words),
        }

    def _report(self, station: str, draft: Draft, snapshot: Snapshot, words: Words) -> _Filled:
        place = snapshot.stations[station]
        return "report.html", {
            "station": place,
            "name": words.text(place.name),
            "kinds": KINDS,
            "max_text": MAX_TEXT,
            "draft": draft,
        }

    def _page(
        self,
        path: str,
        template: str,
        context: dict[str, Any],
        now: datetime,
        words: Words,
        status: int = 200,
    ) -> Document:
        language = words.language
        text = self._templates.get_template(template).render(
            context,
            t=words,
            lang=language,
            site=words.text(self._site.name),
            asset=self._assets.url,
            version=self._assets.version,
            rendered=rfc3339(now),
            url=lambda to: path_in(language, to),
            other=_other(language, path),
        )
        return document(
            path,
            text.encode(),
            media_type=HTML,
            changed_at=now,
            cache_control="public, max-age=5" if status == 200 else "no-store",
            headers=(*SECURE, (b"content-language", language.encode())),
            status=status,
        )


_Filled = tuple[str, dict[str, Any]]
_Render = Callable[[datetime, Words], _Filled]
_Named = tuple[str, _Render]


def language_of(path: str) -> tuple[str, str]:
    """The language of a path and the path without it: `/en/...` is English."""
    if path == "/en" or path.startswith("/en/"):
        return "en", path[3:] or "/"
    return LANGUAGES[0], path


def path_in(language: str, place: str) -> str:
    """The path of a place in a language."""
    return place if language == LANGUAGES[0] else f"/{language}{place}"


def _other(language: str, path: str) -> tuple[str, str]:
    other = next(tag for tag in LANGUAGES if tag != language)
    return other, path_in(other, language_of(path)[1])


def _streets(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    """Regions to choose from: streets and towns where the tree has them, else what it has."""
    used = {station.region_id for station in snapshot.stations.values()}
    lines = [lineage(region, snapshot.regions) for region in used]
    found = {_street(line, snapshot) for line in lines if line}
    return sorted((region.id, words.text(region.name)) for region in found)


def _street(line: list[str], snapshot: Snapshot) -> Region:
    regions = [snapshot.regions[region] for region in line]
    return next((region for region in regions if region.level == "street"), regions[0])


def _heard(snapshot: Snapshot, station: str) -> datetime | None:
    status = snapshot.statuses.get(station)
    return status.last_reported if status else None


def _age(moment: datetime | None, now: datetime, words: Words) -> dict[str, Any] | None:
    if moment is None:
        return None
    late = (now - moment).total_seconds() > 150
    return {"at": rfc3339(moment), "text": words.ago(moment, now), "late": late}
