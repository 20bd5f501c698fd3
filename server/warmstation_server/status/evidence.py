"""Signs that people use a station: crossings, door movements, presence. A pure, unordered fold.

Reports come late, twice and out of order, so each fact here is a least or greatest value of a
set: any order of the same reports gives the same evidence. A report counts at its `measured_at`;
one with an unsynced clock is no evidence, since nobody knows when it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from warmstation_server.history import HOLD, Received, Usage
from warmstation_server.history.codec import CLOCKS, COLUMN, flat_of
from warmstation_server.history.said import Said
from warmstation_server.status.coverage import Coverage, covered_time, newest, with_interval

MEMORY = timedelta(hours=24)
"""Evidence older than this says nothing about now."""
MAX_STREAMS = 4
_CLOCK, _OPEN, _PRESENT, _ENTERED, _LEFT = (
    COLUMN[name] for name in ("clock", "open", "present", "entered", "left")
)
_signs = itemgetter(_CLOCK, _OPEN, _PRESENT, _ENTERED, _LEFT)
_HOLD_US = HOLD // timedelta(microseconds=1)
_UNSYNCED = float(CLOCKS.index("unsynced"))


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter that only rises: the least and the most seen, and when the most was first seen."""

    low: int
    high: int
    high_at: datetime

    def seen(self, value: int, at: datetime) -> Counter:
        """With one more value."""
        if value > self.high:
            return Counter(self.low, value, at)
        if value == self.high and at < self.high_at:
            return replace(self, high_at=at)
        return replace(self, low=value) if value < self.low else self


CounterKey = tuple[str, str]
Counters = tuple[tuple[CounterKey, Counter], ...]
"""By stream and name; a handful, so that looking through them is quicker than a dict."""


class Evidence(NamedTuple):
    """All signs of one station; `counters` of the newest streams only.

    A tuple, since every report makes a new one.
    """

    present_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    crossed_at: datetime | None = None
    counters: Counters = ()
    covered: Coverage = ()

    def last(self) -> datetime | None:
        """The newest sign of life."""
        present_at, opened_at, closed_at, crossed_at, counters, _ = self
        last = present_at
        if crossed_at is not None:
            last = _newer(last, crossed_at)
        if opened_at is not None and closed_at is not None:
            # A door that was seen open and seen closed moved after the older of the two.
            last = _newer(last, min(opened_at, closed_at))
        for _, counter in counters:
            if counter.high > counter.low:
                last = _newer(last, counter.high_at)
        return last

    def watched(self, start: datetime, end: datetime) -> timedelta:
        """How long in start..end a door, beam or presence sensor would have seen somebody."""
        return covered_time(self.covered, start, end)


def after_report(evidence: Evidence, received: Received) -> Evidence:
    """The evidence with one more report, in any order."""
    values = flat_of(received).values
    if values[_CLOCK] == _UNSYNCED:
        return evidence
    at = received.measured_at
    if at > received.received_at:
        at = received.received_at
    present_at, opened_at, closed_at, crossed_at, counters, covered = evidence
    present, entered, left, door = (
        values[_PRESENT],
        values[_ENTERED],
        values[_LEFT],
        values[_OPEN],
    )
    if present == 1.0:
        present_at = _newer(present_at, at)
    if entered == entered:  # NaN is unknown
        counters = _with_value(counters, received.stream, "entered", int(entered), at)
    if left == left:
        counters = _with_value(counters, received.stream, "left", int(left), at)
    if door == 1.0:
        opened_at = _newer(opened_at, at)
    elif door == door:
        closed_at = _newer(closed_at, at)
    if door == door or present == present or entered == entered:
        covered = newest(with_interval(covered, at, at + HOLD), MEMORY)
    return Evidence(present_at, opened_at, closed_at, crossed_at, counters, covered)


def telling(reports: Sequence[Received]) -> Iterator[Received]:
    """Those of one station without which the board would be another, in their order.

    Of a run in which nothing happens, only time goes on, these are the first and the last.
    """
    first = last = reports[0]
    shown = _signs(flat_of(first).values)
    yield first
    for one in reports[1:]:
        signs = _signs(flat_of(one).values)
        if signs != shown or not _goes_on(first, last, one):
            if last is not first:
                yield last
            yield one
            first, shown = one, signs
        last = one
    if last is not first:
        yield last


def _goes_on(first: Received, last: Received, one: Received) -> bool:
    """Whether a run goes on, without a hole in the time that it covers."""
    return (
        one.stream == last.stream
        and one.seq > last.seq
        and one.received_at >= last.received_at
        and one.measured_us >= last.measured_us
        and one.measured_us - first.measured_us <= _HOLD_US
        and one.received_at - first.received_at <= HOLD
    )


def from_usage(buckets: list[Usage], length: timedelta) -> Evidence:
    """What stored usage still tells after a restart: crossings and the time without anybody.

    A bucket with people in it, but no crossing, counts neither as a sign nor as watched.
    """
    crossed_at: datetime | None = None
    covered: Coverage = ()
    for bucket in buckets:
        if bucket.visits or bucket.exits:
            crossed_at = _newer(crossed_at, bucket.start)
        elif bucket.people_max == 0:
            seconds = min(bucket.people_measured_s, length.total_seconds())
            covered = with_interval(
                covered, bucket.start, bucket.start + timedelta(seconds=seconds)
            )
    return Evidence(crossed_at=crossed_at, covered=covered)


def can_see(said: Said) -> bool:
    """Whether a sensor of this report would notice that somebody uses the station."""
    people = said.people
    if said.door_open is not None:
        return True
    return people is not None and (people.present is not None or people.entered is not None)


def _with_value(counters: Counters, stream: str, name: str, value: int, at: datetime) -> Counters:
    for number, ((known_stream, known_name), counter) in enumerate(counters):
        if known_name == name and known_stream == stream:
            if value == counter.high and at >= counter.high_at:
                return counters  # nearly always
            seen = counter.seen(value, at)
            return (*counters[:number], ((stream, name), seen), *counters[number + 1 :])
    counters = (*counters, ((stream, name), Counter(value, value, at)))
    if len(counters) > 2 * MAX_STREAMS:
        oldest = min(counters, key=lambda one: one[1].high_at)
        return tuple(one for one in counters if one is not oldest)
    return counters


def _newer(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known
