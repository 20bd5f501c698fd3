"""Stored reports on their way to the alerts and to the board: what was stored is judged, in slices.

Of a batch that another one follows at once, that is done while the storage has the next one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from warmstation_server.alerting import Alerting
from warmstation_server.batch import SLICE
from warmstation_server.clock import Clock
from warmstation_server.history import Received


class Judging:
    """Used by the pipeline's thread alone; `alerting` None: nobody judges."""

    def __init__(self, alerting: Alerting | None, clock: Clock) -> None:
        self._alerting, self._clock = alerting, clock
        self._waiting: deque[Sequence[Received]] = deque()
        self._judged: list[Received] = []

    def add(self, stored: Sequence[Received]) -> None:
        """These are stored; their turn comes after what waits."""
        for first in range(0, len(stored), SLICE):
            self._waiting.append(stored[first : first + SLICE])

    def step(self) -> bool:
        """Judge a slice; False where none was left."""
        if not self._waiting:
            return False
        received = self._waiting.popleft()
        if self._alerting is not None and (urgent := self._alerting.after_reports(received)):
            # What is dangerous waits for no tick.
            self._alerting.hurry(urgent, self._clock.now(), is_stored=True)
        self._judged += received
        return True

    def rest(self, breath: Callable[[], None]) -> None:
        """Judge all that waits; `breath` is called before each slice."""
        while self._waiting:
            breath()
            self.step()

    def judged(self) -> list[Received]:
        """What was judged since the last call: the board takes a station's together."""
        judged, self._judged = self._judged, []
        return judged
