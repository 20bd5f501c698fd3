"""Kept reports in the order in which they came. For whoever judges them as if they came now."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime

from warmstation_server.history import Received


def by_arrival(reports: Iterable[Received]) -> Iterator[Received]:
    """From the order in which they were measured: nothing comes before it is measured."""
    waiting: list[tuple[datetime, int, Received]] = []
    for number, report in enumerate(reports):
        heapq.heappush(waiting, (report.received_at, number, report))
        while waiting and waiting[0][0] <= report.report.measured_at:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]
