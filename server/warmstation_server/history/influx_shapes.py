"""Shapes of reports by the numbers that InfluxDB knows them by, and rows of the book unpacked."""

from __future__ import annotations

import json
from typing import Any

from warmstation_server.history.book import Book
from warmstation_server.history.codec import HEADER, Shape
from warmstation_server.history.influx_lines import SHAPE, Reader, Writer, code, text_line


class Shapes:
    """The shapes of a book, each with its writer and reader."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.by_code: dict[int, Shape] = {}
        self.codes: dict[int, int] = {}
        """By the book's number."""
        self._writers: dict[int, Writer] = {}
        self._readers: dict[int, Reader] = {}

    def name(self, number: int) -> str:
        """Give a shape of the book its number in the database; the line that says so."""
        form = self._book.shapes[number]
        known = self.codes[number] = code(form, self.by_code)
        self.by_code[known] = form
        self._writers[number] = Writer(form, known)
        return text_line(SHAPE, {}, json.dumps(form.to_dict()), known)

    def learn(self, known: int, text: str) -> None:
        """Take in a stored shape."""
        form = Shape.from_dict(json.loads(text))
        self.by_code[known] = form
        number = self._book.shape_number(form)
        self.codes[number] = known
        self._writers[number] = Writer(form, known)

    def line(self, row: bytes, station: str, stream: str) -> str:
        """A report's line."""
        values = self.unpacked(row)
        return self._writers[values[0]].line(station, stream, values)

    def reader(self, known: int) -> Reader:
        """What reads fields of a shape."""
        reader = self._readers.get(known)
        if reader is None:
            reader = self._readers[known] = Reader(self.by_code[known])
        return reader

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
