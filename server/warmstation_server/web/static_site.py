"""Everything that riders read, as files: feed, pages and assets for any web server or CDN.

What needs an answer of its own (filters, the report form, the API) stays with the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from warmstation_dashboards.resources import LANGUAGES, STATIC
from warmstation_server.clock import Clock
from warmstation_server.places import Station
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.documents import Document
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current
from warmstation_server.web.assets import Assets
from warmstation_server.web.languages import path_in
from warmstation_server.web.pages import Pages

PAGES_EVERY = timedelta(seconds=15)
"""Pages cost a millisecond and more each, so they are written less often than the feed."""
BOARDS_EVERY = timedelta(seconds=60)
"""A display asks every 20 s and counts ages up by itself."""
FOLDERS = tuple(
    path_in(language, f"/{name}").strip("/")
    for language in LANGUAGES
    for name in ("stations", "board")
)
"""Where a page is of a place that may be none any more."""


class StaticSite:
    """A sink for the renderer: call `write` with each new set of feed documents."""

    def __init__(self, current: Current, site: Site, clock: Clock, directory: Directory) -> None:
        self._assets = Assets(STATIC)
        self._pages = Pages(current, site, clock, self._assets)
        self._current = current
        self._clock = clock
        self._directory = directory
        self._paged_at: datetime | None = None
        self._boarded_at: datetime | None = None
        self._stations: Mapping[str, Station] | None = None

    def write(self, documents: Mapping[str, Document]) -> list[str]:
        """Write what changed; the paths of it."""
        now = self._clock.now()
        if self._paged_at is not None and now - self._paged_at < PAGES_EVERY:
            return self._directory.write(documents)
        snapshot = self._current.get()
        pages = {page.path: page for page in self._pages.every(snapshot, now)}
        is_other = snapshot.stations is not self._stations and snapshot.version > 0
        if is_other or self._boarded_at is None or now - self._boarded_at >= BOARDS_EVERY:
            pages |= {page.path: page for page in self._pages.boards(snapshot, now)}
            self._boarded_at = now
        written = self._directory.write({**self._assets.documents, **documents, **pages})
        if is_other:  # a page of what is no station any more would say for ever what it was like
            self._directory.clear(FOLDERS, pages)
            self._stations = snapshot.stations
        self._paged_at = now
        return written
