"""Rows, sums and runs as line protocol, and a report back from its fields. Pure.

One point a report, tags `district` and `station`. All of it, exact, is in the field `row`, which is
what the server reads; beside it are fields with the contract's names, so that Grafana asks for
`room_c` and finds it. What a report has besides values (which parts are there, kinds of chargers,
faults, version) is its shape, known by a number.
"""

from __future__ import annotations

import json
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any, NamedTuple

from warmstation_server.history import Step
from warmstation_server.history.codec import (
    BOOLEANS,
    CHARGERS_AT,
    CLOCKS,
    CONTACTORS,
    FIXED,
    HEADER,
    HEATINGS,
    INTEGERS,
    NAN,
    STATES,
    Shape,
)
from warmstation_server.history.runs import Run, to_text
from warmstation_server.history.usage import FIELDS, NOBODY, Sums

REPORT, RUN, STATION, SHAPE, REDO, STATE = "report", "run", "station", "shape", "redo", "state"
LATE = "late"
USAGE: Mapping[Step, str] = {
    "quarter": "usage_quarter",
    "hour": "usage_hour",
    "day": "usage_day",
}
"""Measurements. REPORT lies in the bucket of single reports, the rest in the one that is kept."""
ROW = "row"
"""The field with a whole report: its shape's number, its stream, and its row from `seq` on."""
CHARTED = frozenset(
    {"room_c", "outlet_c", "outdoor_c", "humidity_pct", "heater_w", "inside", "entered"}
)
"""The values that the hourly means and the dashboards ask for. Each field costs the database 3 to 4
us, so that the others have one of their own only where asked, and chargers three together."""
CHARGING, BROKEN, POWER = "chargers_charging", "chargers_broken", "chargers_power_w"
"""Of all chargers that a report knows something of: how many charge, how many are out of order or
inoperative, and what they draw. What they have delivered is in the sums."""
SUMS = "sums"
"""The field with all of a bucket's sums in one text: what the server reads, at a twentieth of what
the fields cost. The fields are for Grafana and whoever else asks."""
GONE = 0
"""`last` of a run that is no longer there."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "clock": CLOCKS,
    "heating": HEATINGS,
    "contactor": CONTACTORS,
}
_CHARGES, _UNKNOWN = STATES.index("charging"), STATES.index("unknown")
_BROKEN = STATES.index("outoforder"), STATES.index("inoperative")
_Said = tuple[tuple[float, ...], tuple[int, ...]]
"""States of chargers, and texts: by their numbers."""
_CODE_BITS = 48
_NAMES_BYTES = 8 * HEADER.index("seq")
"""A row begins with numbers that only its own book knows."""
_MAX_PATTERNS = 4096


def code(form: Shape, taken: Mapping[int, Shape]) -> int:
    """The number of a shape: made from its text, so that every server gives it the same one."""
    digest = blake2b(json.dumps(form.to_dict()).encode(), digest_size=_CODE_BITS // 8)
    number = int.from_bytes(digest.digest(), "big")
    while taken.get(number, form) != form:
        number += 1
    return number


class Column(NamedTuple):
    """A field of a report: its place in a row's values, its name, and its words if it is text."""

    at: int
    name: str
    words: tuple[str, ...] = ()


def columns(form: Shape) -> Iterator[Column]:
    """The fields that reports of this shape may have, in the order of their values."""
    for at, name in enumerate(FIXED):
        words = ("false", "true") if name in BOOLEANS else _WORDS.get(name, ())
        yield Column(at, name, words)
    for at, (charger, _) in enumerate(form.chargers):
        yield Column(CHARGERS_AT + at, f"charger_{charger}_state", STATES)
        yield Column(form.powers_at + at, f"charger_{charger}_power_w")
        yield Column(form.energies_at + at, f"charger_{charger}_energy_wh")
    for at, item in enumerate(form.items):
        yield Column(form.levels_at + at, f"supply_{item}")
    for at, name in enumerate(form.extras):
        yield Column(form.extras_at + at, name, ("false", "true") if name in BOOLEANS else ())


def time_ns(measured_us: int, stream: str, seq: int) -> int:
    """Where a report lies: exact, the same whenever it comes, apart from its stream's others."""
    return measured_us * 1000 + (_apart(stream) + seq) % 1000


@lru_cache(maxsize=2**16)
def _apart(stream: str) -> int:
    return zlib.crc32(stream.encode())


class Writer:
    """Writes rows of one shape. Text is remembered by its values, numbers by which are known.

    `whole`: every value has a field of its own.
    """

    def __init__(self, form: Shape, number: int, *, whole: bool = False) -> None:
        found = [one for one in columns(form) if whole or one.name in CHARTED]
        texts = [column for column in found if column.words]
        numbers = [column for column in found if not column.words]
        chargers, start = len(form.chargers), len(HEADER)
        self._unpacked = form.row.unpack
        self._tags = f"{REPORT},district={form.district},station="
        self._own = f' {ROW}="{number}:'
        self._states = slice(start + CHARGERS_AT, start + CHARGERS_AT + chargers)
        self._powers = slice(start + form.powers_at, start + form.powers_at + chargers)
        self._text_at = [start + column.at for column in texts]
        self._numbers = itemgetter(*[start + column.at for column in numbers])
        self._texts = [_text_words(column) for column in texts]
        self._templates = [
            f"{column.name}=%{'di' if column.name in INTEGERS else 'r'}" for column in numbers
        ]
        if chargers:
            self._templates.append(f"{POWER}=%r")
        self._whole = "".join(f",{part}" for part in self._templates)
        self._said: dict[_Said, str] = {}
        self._patterns: dict[tuple[bool, ...], str] = {}

    def line(self, station: str, stream: str, packed: bytes) -> str:
        """The line of a row (HEADER, then values)."""
        row = self._unpacked(packed)
        seq, measured_us = row[3], row[4]
        texts_at = self._text_at
        said = row[self._states], tuple([-1 if row[i] != row[i] else int(row[i]) for i in texts_at])
        texts = self._said.get(said)
        if texts is None:
            texts = self._say(said)
        values, template = self._numbers(row), self._whole
        if powers := row[self._powers]:
            values = *values, _together(powers)
        total = sum(values)
        if total != total:  # something is unknown
            template = self._pattern(tuple([value == value for value in values]))
            values = tuple([value for value in values if value == value])
        text = b2a_base64(packed[_NAMES_BYTES:], newline=False).decode()
        return (
            f'{self._tags}{station}{self._own}{stream}:{text}",seq={seq}i'
            f"{texts}{template % values} {measured_us * 1000 + (_apart(stream) + seq) % 1000}"
        )

    def _say(self, said: _Said) -> str:
        if len(self._said) >= _MAX_PATTERNS:
            self._said.clear()
        states, ats = said
        parts = [words[at] for words, at in zip(self._texts, ats, strict=True) if at >= 0]
        if known := [state for state in states if state != _UNKNOWN]:
            parts.append(f"{CHARGING}={known.count(_CHARGES)}i")
            parts.append(f"{BROKEN}={sum(map(known.count, _BROKEN))}i")
        text = self._said[said] = "".join(f",{part}" for part in parts)
        return text

    def _pattern(self, pattern: tuple[bool, ...]) -> str:
        known = self._patterns.get(pattern)
        if known is not None:
            return known
        if len(self._patterns) >= _MAX_PATTERNS:
            self._patterns.clear()
        parts = [t for t, is_known in zip(self._templates, pattern, strict=True) if is_known]
        template = self._patterns[pattern] = "".join(f",{part}" for part in parts)
        return template


def _together(powers: tuple[float, ...]) -> float:
    total = sum(powers)
    if total != total:
        known = [power for power in powers if power == power]
        total = sum(known) if known else NAN
    return total if total != total else round(total, 3)


def _text_words(column: Column) -> tuple[str, ...]:
    if column.name in BOOLEANS:
        return tuple(f"{column.name}={word}" for word in column.words)
    return tuple(f'{column.name}="{word}"' for word in column.words)


class Stored(NamedTuple):
    """A report read back: its shape's number here, its stream, its row without names (HEADER)."""

    code: int
    stream: str
    packed: bytes


def stored(text: str) -> Stored:
    """What a `row` says."""
    number, stream, packed = text.split(":")
    return Stored(int(number), stream, bytes(_NAMES_BYTES) + a2b_base64(packed))


def usage_line(
    step: Step, district: str, station: str, start_ms: int, sums: Sums, added: Sums
) -> str | None:
    """A bucket's sums: in one text, and by name those that this addition changed."""
    parts = [
        f"{name}={total}i"
        for name, total, more in zip(FIELDS, sums, added, strict=True)
        if more and not (name == "people_max" and more == NOBODY)
    ]
    if sums[1] != NOBODY and added[1] == 0:
        parts.append(f"people_max={sums[1]}i")
    if not parts:
        return None
    parts.append(f"{SUMS}={quoted(' '.join(map(str, sums)))}")
    tags = f"{USAGE[step]},district={district},station={station}"
    return f"{tags} {','.join(parts)} {start_ms * 1_000_000}"


def run_line(station: str, stream: str, first: int, run: Run | None) -> str:
    """A run, or word that it is gone; its time is the `seq` of its first report."""
    tags = f"{RUN},station={station},stream={stream}"
    if run is None:
        return f"{tags} last={GONE}i {first}"
    return f"{tags} last={run.last}i,state={quoted(to_text(run))} {first}"


def text_line(measurement: str, tags: Mapping[str, str], text: str, at_ns: int) -> str:
    """A point that is one text."""
    labels = "".join(f",{name}={value}" for name, value in tags.items())
    return f"{measurement}{labels} text={quoted(text)} {at_ns}"


def quoted(text: str) -> str:
    """A text as line protocol writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def latest_text(stream: int, number: int, row: Iterable[Any]) -> str:
    """A station's latest report, for as long as the station is known."""
    values = [None if value != value else value for value in row]
    return json.dumps([stream, number, values[3:6], values[6:]], separators=(",", ":"))


def latest_row(text: str) -> tuple[int, int, list[Any]]:
    """Stream and shape of what `latest_text` gave, and its row from `seq` on."""
    stream, number, head, values = json.loads(text)
    return stream, number, [*head, *(NAN if value is None else value for value in values)]
