"""The thread that turns each new snapshot into the feed's bytes; the latest snapshot wins."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from threading import Event, Thread

from warmstation_server.publish import feed
from warmstation_server.publish.documents import Document
from warmstation_server.publish.pieces import Pieces
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current, Snapshot

Documents = Mapping[str, Document]
Sink = Callable[[Documents], object]
REST = 4
_log = logging.getLogger(__name__)


class Renderer:
    """Renders in a thread of its own; readers take `documents` whole, without a lock.

    `sinks` are handed every new set of documents, in this thread (`Directory.write` is one). It
    rests REST times as long as it worked: however many stations there are, reports come first.
    """

    def __init__(
        self, current: Current, site: Site, sinks: tuple[Sink, ...] = (), interval_s: float = 0.2
    ) -> None:
        self._current = current
        self._site = site
        self._sinks = sinks
        self._interval_s = interval_s
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="renderer", daemon=True)
        self._rendered: Snapshot | None = None
        self._pieces = Pieces()
        self._is_handed_on = False
        self.documents: Documents = feed.NOTHING
        self._render()

    def turn(self) -> bool:
        """Render where the snapshot is new, and hand it on; says whether it was new."""
        is_new = self._render()
        if is_new or not self._is_handed_on:
            self._hand_on()
        return is_new

    def start(self) -> None:
        """Begin to follow the snapshots."""
        self._thread.start()

    def stop(self, within_s: float | None = None) -> None:
        """End the thread and wait for it, at most so long."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _render(self) -> bool:
        snapshot, last = self._current.get(), self._rendered
        if last is not None and snapshot.version == last.version:
            return False
        same_places = (
            last is not None
            and snapshot.stations is last.stations
            and snapshot.regions is last.regions
        )
        self.documents = feed.documents(
            snapshot, self._site, self.documents, same_places=same_places, pieces=self._pieces
        )
        self._rendered = snapshot
        return True

    def _run(self) -> None:
        rest_s = self._interval_s
        while not self._stopping.wait(rest_s):
            began = time.thread_time()
            self.turn()
            rest_s = max(self._interval_s, REST * (time.thread_time() - began))

    def _hand_on(self) -> None:
        """Files take their time, so the first of them are written when the server is up."""
        self._is_handed_on = True
        for sink in self._sinks:
            try:
                sink(self.documents)
            except OSError as error:  # a full disk must not stop what is served from memory
                _log.warning("the feed could not be written: %s", error)
