"""Shapes of reports by the numbers that InfluxDB knows them by, and rows of the book unpacked."""

from __future__ import annotations

import json
from sys import byteorder
from typing import Any

from warmstation_server.history.book import Book
from warmstation_server.history.codec import HEADER, Shape
from warmstation_server.history.influx_lines import SHAPE, Stored, Writer, code, text_line


class Shapes:
    """The shapes of a book, each with its writer. `whole`: see Writer."""

    def __init__(self, book: Book, *, whole: bool = False) -> None:
        self._book, self._whole = book, whole
        self.by_code: dict[int, Shape] = {}
        self.codes: dict[int, int] = {}
        """By the book's number."""
        self._writers: dict[int, Writer] = {}

    def name(self, number: int) -> str:
        """Give a shape of the book its number in the database; the line that says so."""
        form = self._book.shapes[number]
        known = self.codes[number] = code(form, self.by_code)
        self.by_code[known] = form
        self._writers[number] = Writer(form, known, whole=self._whole)
        return text_line(SHAPE, {}, json.dumps(form.to_dict()), known)

    def learn(self, known: int, text: str) -> None:
        """Take in a stored shape."""
        form = Shape.from_dict(json.loads(text))
        self.by_code[known] = form
        number = self._book.shape_number(form)
        self.codes[number] = known
        self._writers[number] = Writer(form, known, whole=self._whole)

    def line(self, row: bytes, station: str, stream: str) -> str:
        """A report's line."""
        number = int.from_bytes(row[:8], byteorder)
        return self._writers[number].line(station, stream, row)

    def values(self, one: Stored) -> list[Any]:
        """HEADER and values of a stored report; of its names the book knows only the shape."""
        number = self.number(one.code)
        seq_on = self._book.shapes[number].row.unpack(one.packed)[3:]
        return [number, -1, -1, *seq_on]

    def number(self, known: int) -> int:
        """The book's number of a shape."""
        return self._book.shape_number(self.by_code[known])

    def head(self, row: bytes) -> tuple[int, ...]:
        """HEADER of a row."""
        return tuple(memoryview(row)[: 8 * len(HEADER)].cast("q"))

    def unpacked(self, row: bytes) -> tuple[Any, ...]:
        """HEADER and values of a row."""
        number = memoryview(row)[:8].cast("q")[0]
        return self._book.shapes[number].row.unpack(row)
