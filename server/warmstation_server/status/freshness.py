"""How old the data of a station is, in one word. Pure.

Only the age of measured data counts. A connection that is up proves no sensor, and one that
broke a second ago is most often back in ten: presence moves nothing here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from warmstation_wire.status import DataState

LIVE_FOR = timedelta(seconds=150)
"""Two missed reports of one a minute, and half a minute of grace."""
STALE_FOR = timedelta(minutes=15)
# A state holds up to and including its limit; the smallest step past it is the change.
_NOT_LIVE = LIVE_FOR + timedelta(microseconds=1)
_NOT_STALE = STALE_FOR + timedelta(microseconds=1)


def data_state(aged_at: datetime | None, now: datetime) -> DataState:
    """`live` to 150 s, `stale` to 15 min, `offline` beyond, `never` before the first report."""
    if aged_at is None:
        return "never"
    age = now - aged_at
    if age <= LIVE_FOR:
        return "live"
    return "stale" if age <= STALE_FOR else "offline"


def next_turn(aged_at: datetime | None, now: datetime) -> datetime | None:
    """When the word changes unless a report comes."""
    if aged_at is None:
        return None
    turn = aged_at + _NOT_LIVE
    if turn <= now:
        turn = aged_at + _NOT_STALE
    return turn if turn > now else None
