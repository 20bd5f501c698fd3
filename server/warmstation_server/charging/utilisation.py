"""Utilisation from a log of sessions: the union of intervals of each charger. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(hours=8)
"""A charge lasts no longer: what a session without an end, or with a later one, is cut to."""


@dataclass(frozen=True, slots=True)
class Session:
    """One line of a log. `end`: None where it is missing."""

    charger: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Utilisation:
    """In use out of serviceable time, in seconds added up over chargers.

    `assumed_ends`: sessions whose end was missing or before their start, and was taken to be the
    next start at that charger, or the longest charge. `overlaps`: sessions that began before the
    one before at that charger had ended.
    """

    in_use_s: float
    serviceable_s: float
    sessions: int
    assumed_ends: int
    overlaps: int

    @property
    def share(self) -> float | None:
        """None where there was no time at all."""
        return self.in_use_s / self.serviceable_s if self.serviceable_s > 0 else None


def utilisation(
    sessions: Iterable[Session],
    start: datetime,
    end: datetime,
    chargers: Iterable[str] = (),
    longest: timedelta = LONGEST,
) -> Utilisation:
    """Of the chargers in the log and those named besides, between two moments."""
    by_charger: dict[str, list[Session]] = {name: [] for name in chargers}
    for session in sessions:
        by_charger.setdefault(session.charger, []).append(session)
    in_use, counted, assumed, overlaps = timedelta(0), 0, 0, 0
    for found in by_charger.values():
        spans, missing = _spans(found, longest)
        assumed += missing
        counted += sum(a < end and b > start for a, b in spans)
        overlaps += _overlaps(spans)
        in_use += _union(spans, start, end)
    serviceable = max(timedelta(0), end - start) * len(by_charger)
    return Utilisation(
        in_use.total_seconds(), serviceable.total_seconds(), counted, assumed, overlaps
    )


def _spans(
    sessions: list[Session], longest: timedelta
) -> tuple[list[tuple[datetime, datetime]], int]:
    """Intervals by their start, and how many ends were assumed."""
    ordered = sorted(sessions, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    spans: list[tuple[datetime, datetime]] = []
    missing = 0
    for session in ordered:
        end, latest = session.end, session.start + longest
        if end is None or end < session.start:
            missing += 1
            end = min((at for at in starts if at > session.start), default=latest)
        spans.append((session.start, min(end, latest)))
    return spans, missing


def _union(spans: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> timedelta:
    """How long at least one of the intervals holds; they rise by their start."""
    total, reached = timedelta(0), start
    for begun, ended in spans:
        begun, ended = max(begun, reached), min(ended, end)
        if ended > begun:
            total += ended - begun
            reached = ended
    return total


def _overlaps(spans: list[tuple[datetime, datetime]]) -> int:
    found, reached = 0, None
    for begun, ended in spans:
        found += reached is not None and begun < reached
        reached = ended if reached is None else max(reached, ended)
    return found
