"""Whether a station was open when it said so, hour by hour, from what its sensors saw. Pure.

An hour with a posted minute is `open` where a report showed a door open or somebody present, or
somebody crossed. A watched hour without any sign is `closed` where it belongs to SILENCE or more
without a sign in the same opening; a shorter silence is `open` beside an hour with a sign. All else
is unknown, above all an hour of which less than half was watched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

SILENCE_MS = 3 * 3_600_000
"""As long as the live status waits before it calls a station closed."""
Word = Literal["open", "closed", "unknown"]


@dataclass(frozen=True, slots=True)
class PostedHour:
    """One hour of a station: how much of it was posted, how much of that watched, any sign.

    `opening`: the same for all hours of one uninterrupted opening.
    """

    posted_ms: int
    watched_ms: int
    has_sign: bool
    opening: int

    @property
    def is_watched(self) -> bool:
        """Whether at least half of what was posted was watched."""
        return 0 < self.posted_ms <= 2 * self.watched_ms


def words(hours: Sequence[PostedHour]) -> list[Word]:
    """What each of these hours was; they follow one another."""
    found: list[Word] = []
    for _, group in groupby(hours, lambda hour: hour.opening):
        found += _of_opening(list(group))
    return found


def _of_opening(hours: list[PostedHour]) -> list[Word]:
    found: list[Word] = []
    for is_silent, group in groupby(hours, lambda hour: hour.is_watched and not hour.has_sign):
        run = list(group)
        if not is_silent:
            found += ["open" if hour.has_sign else "unknown" for hour in run]
            continue
        after = len(found) + len(run)
        beside = (found[-1] if found else "unknown") == "open" or (
            after < len(hours) and hours[after].has_sign
        )
        is_long = sum(min(hour.watched_ms, hour.posted_ms) for hour in run) >= SILENCE_MS
        word: Word = "closed" if is_long else "open" if beside else "unknown"
        found += [word] * len(run)
    return found
