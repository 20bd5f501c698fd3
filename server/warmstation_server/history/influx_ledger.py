"""How what the writer knows gets to InfluxDB, so that a crash at any moment counts nothing twice.

A flush is a list of points that say how things stand: sums, runs, latest reports. It is written
twice: first as texts (the redo), then as itself. Read back, a whole redo is written again, which
changes nothing where it was written before; a redo that is not whole was never begun.
"""

from __future__ import annotations

import base64
import json
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from warmstation_server.history.book import Book, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_lines import (
    REDO,
    STATE,
    STATION,
    latest_text,
    quoted,
    run_line,
    text_line,
    usage_line,
)
from warmstation_server.history.influx_means import Means
from warmstation_server.history.influx_rows import Buckets
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.influx_sums import Key, Known, Sheet, Stored

FLUSH_AFTER_US = 120_000_000
"""A station's flush is due then, and done within as long again; opening reads back what came."""
FLUSH_EVERY_US = 5_000_000
"""Between two flushes of what is due."""
_REDO_CHARACTERS = 32_768
_NEAR_MS = 2 * 86_400_000
"""Buckets within this distance are asked for together."""


class Ledger:
    """Flushes stations. Used by the writer's thread; `lock` is held while readers must wait."""

    def __init__(
        self, door: Door, buckets: Buckets, book: Book, shapes: Shapes, calendar: Calendar
    ) -> None:
        self._door, self._bucket, self._book, self._shapes = door, buckets.kept, book, shapes
        self._zone = calendar.zone.key
        self.lock = threading.Lock()
        self.stored = Stored(door, buckets.kept)
        self.means = Means(door, buckets)
        self.known = Known(calendar)
        self.dirty: dict[Station, int] = {}
        """Stations that are not flushed, the longest waiting first: when its first report came."""
        self.version = 0
        """Changes when a flush begins: what a reader saw before and after must not be mixed."""
        self.number = 0
        self.flushed_us = -1
        """Every report that came before is flushed."""
        self._unwritten: list[str] = []

    def touch(self, station: Station, received_us: int) -> None:
        """A station has something to flush."""
        was = self.dirty.setdefault(station, received_us)
        if received_us < was:
            self.dirty[station] = received_us

    def due(self, now_us: int) -> set[Station]:
        """Who has waited long enough: a share of all at once, so that no flush is long."""
        share = 1 + len(self.dirty) * FLUSH_EVERY_US // FLUSH_AFTER_US
        longest = islice(self.dirty.items(), share)
        return {station for station, us in longest if us <= now_us - FLUSH_AFTER_US}

    def finish(self) -> None:
        """Write what an earlier flush could not; HistoryAway where that still fails."""
        if self._unwritten:
            self._door.write(self._bucket, self._unwritten)
            self._unwritten = []

    def flush(self, stations: Collection[Station], now_us: int) -> None:
        """Write these stations' state; nothing has changed where it is HistoryAway."""
        self.finish()
        added = {s: self.known.added(s, self._district(s)) for s in stations}
        self._ask(added)
        with self.lock:
            self.version += 1
        totals = {s: self.known.sums(s, sheet) for s, sheet in added.items()}
        flushed_us = min((us for s, us in self.dirty.items() if s not in added), default=now_us)
        lines = [line for s in stations for line in self._lines(s, added[s], totals[s])]
        lines += self.means.lines()
        lines.append(self.state_line(flushed_us))
        self._door.write(self._bucket, list(_redo(self.number + 1, lines)))
        self.number += 1
        self._settle(totals)
        self.means.told()
        self.flushed_us = flushed_us
        self._unwritten = lines
        self.finish()
        with self.lock:
            for station in totals:
                self.known.trim(station)

    def state_line(self, flushed_us: int) -> str:
        """How far all of it is."""
        state = {
            "flushed_us": flushed_us,
            "forgotten_before_us": self._book.forgotten_before_us,
            "zone": self._zone,
        }
        return text_line(STATE, {}, json.dumps(state), 0)

    def _settle(self, totals: dict[Station, Sheet]) -> None:
        """From here on the sums are those of the redo, whenever it is written."""
        with self.lock:
            for station, total in totals.items():
                self.known.settle(station, total)
                station.buckets = {}
                self.dirty.pop(station, None)
                for stream in station.streams.values():
                    stream.changed.clear()

    def _ask(self, added: dict[Station, Sheet]) -> None:
        """Learn the sums that are added to and not known by heart."""
        with self.lock:
            missing = [
                (key, station)
                for station, sheet in added.items()
                for key in self.known.lacks(station, sheet)
            ]
        for near in _near(missing):
            names = {station.name for _, station in near}
            step = near[0][0].step
            stored = self.stored.of(names, -1, near[0][0].start, near[-1][0].start + 1, step)
            with self.lock:
                for key, station in near:
                    self.known.learn(station, [key], stored.get(station.name, {}))

    def _district(self, station: Station) -> str:
        assert station.latest is not None  # noqa: S101 - it has a report, else it is not dirty
        return self._book.shapes[self._shapes.head(station.latest)[0]].district

    def _lines(self, station: Station, added: Sheet, total: Sheet) -> Iterator[str]:
        for key, sums in total.items():
            line = usage_line(key.step, key.district, station.name, key.start, sums, added[key])
            if line is not None:
                yield line
        for name, stream in station.streams.items():
            for first, run in stream.changed.items():
                yield run_line(station.name, name, first, run)
        yield self.station_line(station)

    def station_line(self, station: Station) -> str:
        """A station's streams, the first heard first, and its latest report."""
        return text_line(STATION, {"station": station.name}, self._station_text(station), 0)

    def _station_text(self, station: Station) -> str:
        streams = list(station.streams)
        row = self._shapes.unpacked(station.latest or b"")
        stream = streams.index(self._book.streams[row[2]][1])
        latest = latest_text(stream, self._shapes.codes[row[0]], row)
        return json.dumps({"streams": streams, "latest": latest})


def _redo(number: int, lines: Iterable[str]) -> Iterator[str]:
    packed = base64.b64encode(zlib.compress("\n".join(lines).encode(), 1)).decode()
    parts = range(0, len(packed), _REDO_CHARACTERS)
    for at, start in enumerate(parts):
        text = quoted(packed[start : start + _REDO_CHARACTERS])
        yield f"{REDO} flush={number}i,parts={len(parts)}i,text={text} {at}"


def unpacked_redo(texts: Iterable[str]) -> list[str]:
    """The lines of a whole redo."""
    return zlib.decompress(base64.b64decode("".join(texts))).decode().split("\n")


def _near(missing: Iterable[tuple[Key, Station]]) -> Iterator[list[tuple[Key, Station]]]:
    """Buckets of one step that lie near each other, so that one question gets them all."""
    near: list[tuple[Key, Station]] = []
    for key, station in sorted(missing, key=lambda pair: pair[0]):
        if near and (near[-1][0].step != key.step or key.start - near[-1][0].start > _NEAR_MS):
            yield near
            near = []
        near.append((key, station))
    if near:
        yield near
