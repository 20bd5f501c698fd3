"""Whether a station is open: what was promised against what was measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from warmstation_server.status.evidence import MEMORY, Evidence
from warmstation_server.status.override import Override
from warmstation_wire.status import DataState, OpenBasis

RECENT = timedelta(minutes=15)
"""Outside the posted hours, a sign of life shows an open station for this long."""
SILENCE = timedelta(hours=3)
"""Nobody at all for this long of watched opening time: it never opened."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What the posted hours say now. `is_open` is None where they cannot be read.

    `manual`: what somebody said by hand, where that holds now.
    """

    is_open: bool | None = None
    opened_at: datetime | None = None
    next_change: datetime | None = None
    manual: Override | None = None


@dataclass(frozen=True, slots=True)
class Openness:
    """Open or not, and what says so."""

    is_open: bool | None
    basis: OpenBasis | None


def openness(
    posted: Posted, evidence: Evidence, data_state: DataState, is_watching: bool, now: datetime
) -> Openness:
    """Somebody's word first, then measured signs, silence that was watched, the posted hours.

    `is_watching`: the newest report has a sensor that would notice somebody. Without fresh data
    nobody knows whether a door that should be open is.
    """
    if posted.manual is not None and posted.manual.holds(now):
        return Openness(posted.manual.is_open, "manual")
    if data_state in ("offline", "never"):
        return Openness(None if posted.is_open is not False else False, _schedule(posted))
    since = _window_start(posted, now)
    last = evidence.last()
    if last is not None and last >= since:
        return Openness(is_open=True, basis="observed")
    if posted.is_open and is_watching and evidence.watched(since, now) >= SILENCE:
        return Openness(is_open=False, basis="observed")
    return Openness(posted.is_open, _schedule(posted))


def next_turn(posted: Posted, evidence: Evidence, now: datetime) -> datetime | None:
    """When the answer may change without a new report; None where only a report changes it."""
    since, last = _window_start(posted, now), evidence.last()
    turn = _sooner(None, posted.next_change, now)
    if posted.manual is not None:
        turn = _sooner(turn, posted.manual.ends_at, now)
    if last is not None and last >= since:
        return _sooner(turn, last + (MEMORY if posted.is_open else RECENT), now)
    if posted.is_open and (watched := evidence.watched(since, now)) < SILENCE:
        return _sooner(turn, now + SILENCE - watched, now)
    return turn


def _sooner(turn: datetime | None, other: datetime | None, now: datetime) -> datetime | None:
    """The first of the two that is still to come."""
    if other is None or other <= now:
        return turn
    return other if turn is None or other < turn else turn


def _window_start(posted: Posted, now: datetime) -> datetime:
    if not posted.is_open:
        return now - RECENT
    # Whoever unlocks comes a little early: signs count from RECENT before the posted minute.
    return max((posted.opened_at or now) - RECENT, now - MEMORY)


def _schedule(posted: Posted) -> OpenBasis | None:
    return None if posted.is_open is None else "schedule"
