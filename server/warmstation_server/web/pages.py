"""Finds the pages of riders and displays by address; each is rendered once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from warmstation_dashboards.resources import LANGUAGES
from warmstation_server.clock import Clock
from warmstation_server.publish.documents import Document
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.web.assets import Assets
from warmstation_server.web.boards.address import Asked, asked
from warmstation_server.web.boards.facts import door_facts, wall_facts
from warmstation_server.web.boards.wall import wall
from warmstation_server.web.facts import Draft, Facts, list_facts, report_facts, station_facts
from warmstation_server.web.kept import Kept
from warmstation_server.web.languages import language_of, path_in
from warmstation_server.web.query import ListQuery
from warmstation_server.web.reference import Reference
from warmstation_server.web.templates import Templates
from warmstation_server.web.words import Words

MOST_KEPT = 256
"""Rendered pages in memory, at most; a long list with both encodings is about 60 KB."""
FRESH_S = 10
"""Ages are written out, so a page is never served longer than this even if nothing happens."""
NOT_PAGES = ("/api/", "/feed/", "/static/")

References = Mapping[str, Callable[[], Reference]]
"""How each page of a document is made: from the document as it is then."""
NO_REFERENCES: References = MappingProxyType({})
_REFERENCE_KEYS = {"/docs/api": "reference.api", "/docs/mqtt": "reference.mqtt"}

Fill = Callable[[datetime, Words], tuple[str, Facts]]


class Pages:
    """One event loop calls it. A page costs a few milliseconds once, and then nothing."""

    def __init__(
        self,
        current: Current,
        site: Site,
        clock: Clock,
        assets: Assets,
        references: References = NO_REFERENCES,
    ) -> None:
        self._references = references
        self._current = current
        self._site = site
        self._clock = clock
        self._templates = Templates(site, assets)
        self._words = {language: Words(language) for language in LANGUAGES}
        self._kept = Kept(MOST_KEPT)

    def find(self, path: str, query: bytes) -> Document | None:
        """The page of an address; None where there is none, or where the app must answer."""
        if path.startswith(NOT_PAGES) or query.startswith(b"lang=") or b"&lang=" in query:
            return None
        language, place = language_of(path)
        snapshot, now = self._current.get(), self._clock.now()
        found = self._page_at(place, query, snapshot)
        if found is None:
            return None
        name, fill = found
        state = snapshot.version, int(now.timestamp()) // FRESH_S
        return self._kept.get(
            state, (language, name), lambda: self._rendered(language, name, fill, now)
        )

    def every(self, snapshot: Snapshot, now: datetime) -> Iterator[Document]:
        """All pages that need no query, in every language."""
        return self._at(["/", *(f"/stations/{id_}" for id_ in snapshot.stations)], snapshot, now)

    def boards(self, snapshot: Snapshot, now: datetime) -> Iterator[Document]:
        """All displays that need no query, in every language."""
        places = [f"/board/{id_}" for id_ in snapshot.stations if id_ not in snapshot.regions]
        places += [f"/board/{id_}/door" for id_ in snapshot.stations if id_ in snapshot.regions]
        words = self._words[LANGUAGES[0]]
        for id_ in snapshot.regions:
            count = wall(id_, None, snapshot, now, words).turns
            places += [Asked("wall", id_, sheet + 1).path for sheet in range(count)]
        return self._at(places, snapshot, now)

    def report_form(self, station: str, path: str, draft: Draft, status: int) -> Document:
        """The form of a station that exists, with what was wrong where something was."""
        words = self._words[language_of(path)[0]]
        facts = report_facts(station, draft, self._current.get(), words)
        return self._templates.page(path, "report.html", facts, self._clock.now(), words, status)

    def error(self, path: str, status: int) -> Document:
        """A page that says what went wrong."""
        words = self._words[language_of(path)[0]]
        known = status if status in (403, 404, 429, 503) else 400 if status < 500 else 500
        facts = {"status": status, "key": f"error.{known}"}
        return self._templates.page(path, "error.html", facts, self._clock.now(), words, status)

    def _at(self, places: Iterable[str], snapshot: Snapshot, now: datetime) -> Iterator[Document]:
        for words in self._words.values():
            for place in places:
                found = self._page_at(place, b"", snapshot)
                if found is not None:
                    path = path_in(words.language, place)
                    yield self._templates.page(path, *found[1](now, words), now, words)

    def _page_at(self, place: str, query: bytes, snapshot: Snapshot) -> tuple[str, Fill] | None:
        """The canonical name of a page and what fills its template."""
        if place in self._references:
            return place, self._reference(place)
        if place.startswith("/board/"):
            return _board_at(place, query, snapshot, self._site)
        return _page_at(place, query, snapshot)

    def _reference(self, place: str) -> Fill:
        (other,) = self._references.keys() - {place} or {place}
        facts = {
            "it": self._references[place](),
            "key": _REFERENCE_KEYS[place],
            "sibling": other,
            "sibling_key": _REFERENCE_KEYS[other],
        }
        return lambda now, words: ("reference/page.html", facts)

    def _rendered(self, language: str, name: str, fill: Fill, now: datetime) -> Document:
        words = self._words[language]
        place, mark, query = name.partition("?")
        template, facts = fill(now, words)
        return self._templates.page(
            path_in(language, place), template, facts, now, words, query=mark + query
        )


def _board_at(place: str, query: bytes, snapshot: Snapshot, site: Site) -> tuple[str, Fill] | None:
    board = asked(place, query, snapshot)
    if board is None:
        return None
    if board.kind == "wall":
        return board.path + board.query, lambda now, words: (
            "board/wall.html",
            wall_facts(board, snapshot, site, now, words),
        )
    return f"/board/{board.id}/door{board.query}", lambda now, words: (
        "board/door.html",
        door_facts(board, snapshot, site, now, words),
    )


def _page_at(place: str, query: bytes, snapshot: Snapshot) -> tuple[str, Fill] | None:
    if place == "/":
        wanted = ListQuery.parse(query.decode("ascii", "replace"), snapshot.regions)
        return f"/{wanted}", lambda now, words: (
            "list.html",
            list_facts(wanted, snapshot, now, words),
        )
    parts = place.strip("/").split("/")
    if parts[0] != "stations" or len(parts) not in (2, 3) or parts[1] not in snapshot.stations:
        return None
    station = parts[1]
    if len(parts) == 2:
        return f"/stations/{station}", lambda now, words: (
            "station.html",
            station_facts(station, snapshot, now, words),
        )
    if parts[2] != "report":
        return None
    draft = Draft(is_sent=query == b"sent=1")
    return f"/stations/{station}/report" + "?sent=1" * draft.is_sent, lambda _, words: (
        "report.html",
        report_facts(station, draft, snapshot, words),
    )
