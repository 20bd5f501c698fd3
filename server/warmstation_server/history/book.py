"""What the writer knows by heart: stations, streams, shapes, and all that is not rolled yet.

All of it is rebuilt from the tables and the journal when the history is opened.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from warmstation_server.history import Received
from warmstation_server.history.chunks import measured_us as measured_at
from warmstation_server.history.codec import Shape, flat_of, microseconds, moment, shape
from warmstation_server.history.facts import facts
from warmstation_server.history.retention import keeps
from warmstation_server.history.runs import Stream
from warmstation_server.history.usage import Buckets, Facts, Shown

_BYTE_ORDER = sys.byteorder
_MAX_CACHED_TEXTS = 10_000


@dataclass(slots=True, eq=False)
class Station:
    """A station's state. `kept`: rows not yet rolled. `buckets`: usage not yet rolled."""

    number: int
    name: str
    streams: dict[str, Stream] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    buckets: Buckets = field(default_factory=dict)
    latest: bytes | None = None
    latest_rank: tuple[int, int] = (-1, -1)
    first_number: int | None = None
    """Journal number of the oldest row that is not rolled; None = all are."""
    unrolled: int = 0


class Item(NamedTuple):
    """A new report on its way into the book; nothing about it can fail any more."""

    station: Station
    stream: Stream
    seq: int
    measured_us: int
    received_us: int
    facts: Facts
    shown: Shown
    row: bytes


_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


class Book:
    """Numbers for names, and the state of every station."""

    def __init__(
        self,
        targets: Callable[[str], float],
        is_open: Callable[[str, datetime], bool] | None,
        seats: Callable[[str], int | None] | None = None,
    ) -> None:
        self.stations: dict[str, Station] = {}
        self.by_number: list[Station] = []
        self.streams: list[tuple[Station, str, Stream]] = []
        self.shapes: list[Shape] = []
        self.unsaved: list[tuple[str, int, str]] = []
        """Names (kind, number, text) that no committed transaction has yet."""
        self.queue: deque[Station] = deque()
        """Stations with rows that are not rolled, the longest waiting first."""
        self.unrolled = 0
        self.next_number = 1
        self.forgotten_before_us = -(2**62)
        self._shape_numbers: dict[Shape, int] = {}
        self._by_texts: dict[tuple[Any, ...], tuple[int, Shape]] = {}
        self._targets, self._is_open, self._seats = targets, is_open, seats

    def station(self, name: str) -> Station:
        """The station of this name, numbered now if it is new."""
        known = self.stations.get(name)
        if known is None:
            known = self.add_station(name)
            self.unsaved.append(("station", known.number, name))
        return known

    def add_station(self, name: str) -> Station:
        """Number a station."""
        station = Station(len(self.by_number), name)
        self.stations[name] = station
        self.by_number.append(station)
        return station

    def stream(self, station: Station, name: str) -> Stream:
        """The stream of this name, numbered now if it is new."""
        known = station.streams.get(name)
        if known is None:
            known = self.add_stream(station, name)
            self.unsaved.append(("stream", known.number, f"{station.number} {name}"))
        return known

    def add_stream(self, station: Station, name: str) -> Stream:
        """Number a stream."""
        stream = station.streams[name] = Stream(len(self.streams))
        self.streams.append((station, name, stream))
        return stream

    def shape(self, texts: tuple[Any, ...]) -> tuple[int, Shape]:
        """The shape with these texts (see codec.flatten) and its number."""
        known = self._by_texts.get(texts)
        if known is None:
            number = self.shape_number(shape(texts))
            if len(self._by_texts) >= _MAX_CACHED_TEXTS:
                self._by_texts.clear()
            known = self._by_texts[texts] = number, self.shapes[number]
        return known

    def shape_number(self, form: Shape) -> int:
        """The number of a shape, numbered now if it is new."""
        number = self._shape_numbers.get(form)
        if number is None:
            number = self.add_shape(form)
            self.unsaved.append(("shape", number, json.dumps(form.to_dict())))
        return number

    def add_shape(self, form: Shape) -> int:
        """Number a shape."""
        number = self._shape_numbers[form] = len(self.shapes)
        self.shapes.append(form)
        return number

    def forget_unsaved(self) -> None:
        """Take back the names of a transaction that failed."""
        for kind, _, text in reversed(self.unsaved):
            if kind == "station":
                del self.stations[text]
                self.by_number.pop()
            elif kind == "stream":
                station, name, _ = self.streams.pop()
                del station.streams[name]
            else:
                del self._shape_numbers[self.shapes.pop()]
        self._by_texts.clear()
        self.unsaved.clear()

    def fresh(self, batch: Sequence[Received]) -> Iterator[tuple[Received, Item]]:
        """What of a batch is new, as items; the book itself stays as it is but for names."""
        taken: set[tuple[int, int]] = set()
        last_received: datetime | None = None
        received_us = 0
        stations = self.stations
        forms: dict[int, tuple[tuple[Any, ...], int, Shape]] = {}
        """By the texts' id, which many reports share: to look at all of them takes five times as
        long."""
        for received in batch:
            name, seq = received.station, received.seq
            station = stations.get(name) or self.station(name)
            stream = station.streams.get(received.stream) or self.stream(station, received.stream)
            key = stream.number, seq
            if key in taken or stream.knows(seq):
                continue
            taken.add(key)
            if received.received_at is not last_received:
                last_received = received.received_at
                received_us = microseconds(last_received)
            measured_us = received.measured_us
            texts, values = received.flat or flat_of(received)
            known = forms.get(id(texts))
            if known is None:
                known = forms[id(texts)] = texts, *self.shape(texts)
            _, number, form = known
            row = form.row.pack(
                number, station.number, stream.number, seq, measured_us, received_us, *values
            )
            stands, shown = self._facts(name, form, values, measured_us)
            item = _new(Item, (station, stream, seq, measured_us, received_us, stands, shown, row))
            yield received, item

    def read(self, rows: bytes) -> Iterator[Item]:
        """The items of a journal entry."""
        at = 0
        while at < len(rows):
            form = self.shapes[int.from_bytes(rows[at : at + 8], _BYTE_ORDER)]
            _, _, stream_number, seq, measured_us, received_us, *values = form.row.unpack_from(
                rows, at
            )
            station, _, stream = self.streams[stream_number]
            row = rows[at : at + form.row.size]
            at += form.row.size
            stands, shown = self._facts(station.name, form, values, measured_us)
            yield Item(station, stream, seq, measured_us, received_us, stands, shown, row)

    def take(self, item: Item) -> None:
        """Take in a committed item; it gets the next journal number."""
        station, stream, seq, measured_us, received_us, facts, shown, row = item
        stream.insert(seq, facts, shown, received_us // 1000, station.buckets)
        if keeps(measured_us, self.forgotten_before_us):
            station.kept.append(row)
        rank = stream.number, seq
        if rank > station.latest_rank:
            station.latest_rank, station.latest = rank, row
        if station.first_number is None:
            station.first_number = self.next_number
            self.queue.append(station)
        station.unrolled += 1
        self.unrolled += 1
        self.next_number += 1

    def forget(self, before_us: int) -> int:
        """Let go of rows measured before a moment (their usage stays); how many they were."""
        self.forgotten_before_us = before_us
        return self.forget_rows(self.by_number, before_us)

    def forget_rows(self, stations: Sequence[Station], before_us: int) -> int:
        """The same for some of the stations."""
        gone = 0
        for station in stations:
            kept = [row for row in station.kept if keeps(measured_at(row), before_us)]
            gone += len(station.kept) - len(kept)
            station.kept = kept
            for stream in station.streams.values():
                stream.forget_gaps(before_us // 1000)
        return gone

    def _facts(
        self, name: str, form: Shape, values: Sequence[float], measured_us: int
    ) -> tuple[Facts, Shown]:
        is_open = self._is_open is None or self._is_open(name, _second(measured_us // 1_000_000))
        seats = None if self._seats is None else self._seats(name)
        return facts(form, values, measured_us // 1000, self._targets(name), is_open, seats)


@lru_cache(maxsize=4096)
def _second(of_1970: int) -> datetime:
    """Opening hours begin and end with a second, and thousands of reports come in one."""
    return moment(of_1970 * 1_000_000)
