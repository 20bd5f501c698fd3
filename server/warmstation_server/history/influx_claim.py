"""Who writes to a pair of buckets: a marker in the bucket that is kept, for there is no lock.

A marker counts as alive while it changes. How long it stood still is measured by the clock of the
one who looks, so that no two clocks need to agree. What this cannot do is stop a write that was
sent before the claim was lost and arrives after it: a writer that sleeps for LEASE between its look
and its write. Single reports bear that (they lie where they lie); of sums, one flush could stand
that is older than another.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import NamedTuple

from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_lines import text_line

WRITER = "writer"
LEASE_S = 30.0
"""A marker that stood still for so long is nobody's any more."""
RENEWAL_S = 8.0
SETTLE_S = 0.5
"""From writing a marker to reading it again: another one may have looked just before."""
_FLUX = """from(bucket: bucket)
  |> range(start: time(v: 0), stop: time(v: 1))
  |> filter(fn: (r) => r._measurement == measurement)"""


class Marker(NamedTuple):
    """`holder` has the buckets ("" nobody); `run`: which of its lives; `beat` rises."""

    holder: str
    run: str
    beat: int


class Alone:
    """For buckets that nobody else knows of."""

    def hold(self) -> bool:
        """It was never anybody else's."""
        return True

    def leave(self) -> None:
        """Nothing."""


class Claim:
    """One writer's hold on a bucket; any thread may ask. `wait` and `clock`: in seconds."""

    def __init__(
        self,
        door: Door,
        bucket: str,
        holder: str,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._door, self._bucket = door, bucket
        self._mine = Marker(holder, secrets.token_hex(4), 0)
        self._clock, self._wait = clock, wait
        self._lock = Lock()
        self._renew_at: float | None = None
        """None: it is not ours."""
        self._is_first = True
        self._seen: tuple[Marker, float] | None = None
        """Another one's marker, and since when it stands still."""

    def hold(self) -> bool:
        """Whether it was ours all the time: else all that is known must be read anew.

        HistoryAway while another one has it.
        """
        with self._lock:
            now = self._clock()
            if self._renew_at is not None and now < self._renew_at:
                return True
            return self._renewed(now)

    def leave(self) -> None:
        """Let another one have it at once."""
        with self._lock:
            if self._renew_at is not None:
                self._renew_at = None
                self._write(Marker("", "", 0))

    def _renewed(self, now: float) -> bool:
        found = self._read()
        is_mine = found is not None and found.run == self._mine.run
        was_mine = self._renew_at is not None and is_mine
        self._renew_at = None
        if not was_mine:
            self._take(found, now)
        self._beat()
        if not was_mine:
            self._wait(SETTLE_S)
            after = self._read()
            if after is not None and after.run != self._mine.run:
                raise self._away(after)
        self._is_first = False
        self._renew_at = now + RENEWAL_S
        return was_mine

    def _take(self, found: Marker | None, now: float) -> None:
        """Return where nobody has it, or nobody is left who had it."""
        if found is None or found.holder == "" or found.run == self._mine.run:
            return
        if self._is_first and found.holder == self._mine.holder:
            return  # this server was killed and is back
        if self._seen is None or self._seen[0] != found:
            self._seen = found, now
        if now - self._seen[1] < LEASE_S:
            raise self._away(found)

    def _away(self, other: Marker) -> HistoryAway:
        self._is_first = False
        return HistoryAway(
            f"Another server ({other.holder}) writes to bucket {self._bucket}: give each its own"
            f" buckets. This one takes over where that one is silent for {LEASE_S:.0f} s.",
            timedelta(seconds=1),
        )

    def _beat(self) -> None:
        mine = self._mine._replace(beat=self._mine.beat + 1)
        self._write(mine)
        self._mine = mine

    def _write(self, marker: Marker) -> None:
        self._door.write(self._bucket, [text_line(WRITER, {}, json.dumps(marker), 0)])

    def _read(self) -> Marker | None:
        params = {"bucket": self._bucket, "measurement": WRITER}
        for row in self._door.rows(_FLUX, params):
            return Marker(*json.loads(row["_value"]))
        return None
