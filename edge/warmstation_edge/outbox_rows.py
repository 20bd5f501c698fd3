"""What the rows of an outbox's file are, and whether the card has kept them as they were. Pure.

`outbox_file` reads by it, `outbox_repair` picks by it what a damaged file still holds.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from warmstation_wire import BadPayload, Report, decode
from warmstation_wire.parts import LAST_MOMENT, MAX_COUNT

_log = logging.getLogger(__name__)
_STREAM = re.compile("[0-9a-f]{4,32}")


class Row(NamedTuple):
    """What is known of a waiting report without reading it; `size` is its payload's bytes.

    `boot`: the boot in which it was measured by a clock that no time server had set.
    """

    stream: str
    urgent: bool
    size: int
    boot: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The outbox's memory over restarts.

    No `seq` above `reserved` has been used. `clean` is true only between an orderly stop and the
    next start; `counters` are those of that stop.
    """

    stream: str
    reserved: int
    clean: bool
    dropped: int = 0
    counters: Mapping[str, Any] | None = None


def sound(
    seq: object, stream: object, urgent: object, payload: object, boot: object
) -> tuple[int, Row, bytes] | None:
    """A row that was read from a damaged file; None where its place or its bytes are lost."""
    if not are_counts(seq) or not is_stream(stream) or not isinstance(payload, bytes):
        return None
    kept = boot if isinstance(boot, str) else None
    return int(str(seq)), Row(str(stream), bool(urgent), len(payload), kept), payload


def damage_of(payload: bytes | None, stream: str, seq: int) -> str | None:
    """What is wrong with a report that was read from a card; None where nothing is."""
    try:
        report = decode(Report, payload or b"")
    except BadPayload as error:
        return str(error)
    return None if (report.stream, report.seq) == (stream, seq) else "it is another one"


def as_text(given: bytes) -> str:
    """Text that may be damaged."""
    return given.decode("utf-8", "replace")


def only_bytes(rows: list[tuple[Any, ...]]) -> bytes | None:
    """The one value that was asked for, if it is there and of its kind."""
    return rows[0][0] if rows and isinstance(rows[0][0], bytes) else None


def is_stream(given: object) -> bool:
    """Whether it is a stream's id."""
    return isinstance(given, str) and _STREAM.fullmatch(given) is not None


def are_counts(*given: object) -> bool:
    """Whether these are numbers that the contract knows."""
    return all(isinstance(one, int) and 0 <= one <= MAX_COUNT for one in given)


def is_moment(given: object) -> bool:
    """Whether it is a time that the contract knows, in POSIX seconds."""
    return isinstance(given, float) and 0 <= given < LAST_MOMENT.timestamp()


def counters_in(text: str | None) -> Mapping[str, Any] | None:
    """The counters as they were written; None where they cannot be read."""
    try:
        counters = None if text is None else json.loads(text)
        return counters if isinstance(counters, dict) else None
    except (ValueError, TypeError) as error:
        _log.warning("the counters of the last run cannot be read: %s", error)
        return None
