"""The book back from InfluxDB: what was flushed, then the single reports that came after that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from warmstation_server.history.book import Book, Item, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.influx_door import Door, Row, pivoted, time_ns
from warmstation_server.history.influx_ledger import Ledger, unpacked_redo
from warmstation_server.history.influx_lines import (
    GONE,
    LATE,
    REDO,
    RUN,
    SHAPE,
    STATE,
    STATION,
    latest_row,
)
from warmstation_server.history.influx_rows import Rows
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.runs import from_text

_ALL = """from(bucket: bucket)
  |> range(start: time(v: 0), stop: time(v: stop))
  |> filter(fn: (r) => r._measurement == measurement)
  |> group(columns: ["_field"])"""
_FIRST_DAYS_NS = 2**54
"""Times of this bucket that are numbers (of shapes, runs, parts) lie before this."""


class Loading:
    """Fills an empty book."""

    def __init__(self, door: Door, bucket: str, book: Book, shapes: Shapes, ledger: Ledger) -> None:
        self._door, self._bucket = door, bucket
        self._book, self._shapes, self._ledger = book, shapes, ledger

    def flushed(self, calendar: Calendar) -> None:
        """Take in all that was flushed."""
        for row in self._rows(SHAPE):
            self._shapes.learn(time_ns(row["_time"]), row["text"])
        for row in self._rows(STATE):
            self._state(json.loads(row["text"]), calendar)
        for row in self._rows(STATION):
            self._station(row["station"], json.loads(row["text"]))
        for row in self._rows(LATE):
            self._ledger.means.recall(row["station"], row["text"])
        found = sorted(self._rows(RUN), key=lambda row: time_ns(row["_time"]))
        for row in found:
            if int(row["last"]) != GONE:
                stream = self._book.stations[row["station"]].streams[row["stream"]]
                stream.runs.append(from_text(time_ns(row["_time"]), int(row["last"]), row["state"]))

    def reports_since(self, rows: Rows, since_us: int) -> Iterator[Item]:
        """Reports that are stored and not known yet, as items, in the order they came in."""
        found = [
            (station, stream, values)
            for station, stream, values in rows.since(since_us)
            if not self._is_known(station, stream, values[3])
        ]
        found.sort(key=lambda one: (one[2][5], one[2][3]))
        for station, stream, values in found:
            here = self._book.station(station)
            number = self._book.stream(here, stream).number
            yield from self._item(here, number, values)
        self._book.unsaved.clear()

    def _item(self, station: Station, stream: int, values: list[Any]) -> Iterator[Item]:
        form = self._book.shapes[values[0]]
        row = form.row.pack(values[0], station.number, stream, *values[3:])
        yield from self._book.read(row)

    def _is_known(self, station: str, stream: str, seq: int) -> bool:
        known = self._book.stations.get(station)
        here = known.streams.get(stream) if known else None
        return here is not None and here.knows(seq)

    def redo(self) -> None:
        """Finish what a flush had begun; for the one writer only."""
        by_flush: dict[int, dict[int, Row]] = {}
        for row in self._rows(REDO):
            by_flush.setdefault(int(row["flush"]), {})[time_ns(row["_time"])] = row
        if not by_flush:
            return
        newest = max(by_flush)
        parts = [by_flush[newest][at] for at in sorted(by_flush[newest])]
        self._ledger.number = newest
        if len(parts) == int(parts[0]["parts"]):
            self._door.write(self._bucket, unpacked_redo(part["text"] for part in parts))

    def _state(self, state: Mapping[str, Any], calendar: Calendar) -> None:
        if state["zone"] != calendar.zone.key:
            raise HistoryBroken(
                f"The history in bucket {self._bucket} adds up its days in {state['zone']}, not in"
                f" {calendar.zone.key}: copy it into new buckets to change that."
            )
        self._ledger.flushed_us = state["flushed_us"]
        self._book.forgotten_before_us = state["forgotten_before_us"]

    def _station(self, name: str, state: Mapping[str, Any]) -> None:
        station = self._book.add_station(name)
        for stream in state["streams"]:
            self._book.add_stream(station, stream)
        stream, code, values = latest_row(state["latest"])
        number = self._shapes.number(code)
        rank = station.streams[state["streams"][stream]].number, values[0]
        head = (number, station.number, *[rank[0]], *values)
        station.latest = self._book.shapes[number].row.pack(*head)
        station.latest_rank = rank

    def _rows(self, measurement: str) -> list[Row]:
        params = {"bucket": self._bucket, "measurement": measurement, "stop": _FIRST_DAYS_NS}
        return pivoted(self._door.rows(_ALL, params))
