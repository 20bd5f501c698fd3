"""Safety reports that come twice because they are meant to; for the pipeline's figures.

A copy at QoS 0 goes ahead of a safety report. Of the two, one is stored and the other is known
already, and neither is what an operator looks for when he asks what is repeated.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice

from warmstation_server.batch import Batch

_ROOM = 10_000
"""Heralds whose report has not come; it comes within seconds, or when its station is back."""


class Heralds:
    """Which reports are still to come. Owned by the pipeline's thread."""

    def __init__(self) -> None:
        self._ahead: OrderedDict[tuple[str, str, int], None] = OrderedDict()

    def met(self, batch: Batch) -> int:
        """How many pairs of a herald and its report are whole with this batch."""
        told = {id(one) for one in batch.heralds}
        if not told and not self._ahead:
            return 0
        pairs = 0
        for one in batch.received:
            key = one.station, one.stream, one.seq
            if id(one) in told:
                self._ahead[key] = None
            elif key in self._ahead:
                del self._ahead[key]
                pairs += 1
        for key in list(islice(self._ahead, max(0, len(self._ahead) - _ROOM))):
            del self._ahead[key]
        return pairs
