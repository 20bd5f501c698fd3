"""How fast and how soon: the uplink's waiting times, spread so that stations never march in step.

Pure: time comes in as monotonic seconds, chance as a random.Random.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Pace:
    """The uplink's figures. `window`: reports of the backlog that may lack their receipt.

    `hold_s`: how long after a connection reports with a wrong time wait for the clock to be set;
    `live_hold_s`: the same of what is measured now.
    """

    receipt_s: float = 30.0
    receipt_max_s: float = 900.0
    unheard_s: float = 5.0
    refused_s: float = 60.0
    refused_max_s: float = 900.0
    window: int = 32
    backlog_per_s: float = 20.0
    start_s: float = 10.0
    hold_s: float = 120.0
    live_hold_s: float = 15.0


class Backoff:
    """Waiting times that double from `first_s` to `most_s`, each shortened by up to half."""

    def __init__(self, first_s: float, most_s: float, rng: Random) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._rng = rng
        self._failures = 0

    def next_s(self) -> float:
        """How long to wait now, in seconds."""
        wait_s = min(self._most_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return wait_s * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It went well: the next wait is the shortest again."""
        self._failures = 0


class Trickle:
    """At most `per_s` in the long run and at most a second's worth at once, unevenly spaced."""

    def __init__(self, per_s: float, rng: Random) -> None:
        self._gap_s = 1.0 / per_s
        self._rng = rng
        self._next_at = 0.0

    def pause(self, until: float) -> None:
        """Nothing before this moment."""
        self._next_at = max(self._next_at, until)

    def ready(self, now: float) -> bool:
        """Whether one more may go now."""
        return now >= self._next_at

    def went(self, now: float) -> None:
        """One has gone."""
        gap_s = self._gap_s * self._rng.uniform(0.5, 1.5)
        self._next_at = max(self._next_at, now - 1.0) + gap_s
