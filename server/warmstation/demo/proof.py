"""What the agents measured against what the history holds: nothing lost, nothing twice.

The agents' ledger is written by their own process; the server's counters are not asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warmstation_server.history import History
from warmstation_wire import Receipt

Key = tuple[str, str, int]
"""Station, stream, seq: the identity of a report."""


@dataclass(slots=True)
class Measured:
    """The ledger, read."""

    measured: dict[Key, tuple[datetime, float]] = field(default_factory=dict)
    """When each report was measured: by the station's clock, and by the ledger's."""
    receipted: dict[Key, float] = field(default_factory=dict)
    waiting: set[tuple[str, int]] = field(default_factory=set)
    """Station and seq of what the outboxes still keep."""

    @classmethod
    def read(cls, lines: Iterable[str]) -> Measured:
        """Take a ledger in; only reports measured in it count."""
        found = cls()
        for line in lines:
            event = json.loads(line)
            kind, station, at = event["event"], event["station"], float(event["at"])
            if kind == "measured":
                key = (station, event["stream"], event["seq"])
                found.measured[key] = (datetime.fromisoformat(event["measured_at"]), at)
                continue
            for first, last in Receipt(stream="0000", seqs=tuple(event["seqs"])).bounds():
                for seq in range(first, last + 1):
                    if kind == "waiting":
                        found.waiting.add((station, seq))
                    else:
                        found.receipted.setdefault((station, event["stream"], seq), at)
        return found

    def spans(self) -> dict[str, tuple[datetime, datetime]]:
        """First and last measured_at of each station."""
        spans: dict[str, tuple[datetime, datetime]] = {}
        for (station, _, _), (at, _) in self.measured.items():
            first, last = spans.get(station, (at, at))
            spans[station] = (min(first, at), max(last, at))
        return spans


@dataclass(frozen=True, slots=True)
class Proof:
    """Counts of reports. `lost`: measured, in no outbox any more, and not in the history.

    `p50_ms`, `p99_ms`: from measurement to the receipt's arrival at the agent, which is later
    than the commit; None where no receipt came.
    """

    stations: int
    reports: int
    committed: int
    receipted: int
    waiting: int
    lost: int
    duplicated: int
    p50_ms: float | None
    p99_ms: float | None


def prove(ledger: Measured, history: History) -> Proof:
    """Compare report by report."""
    held = Counter(_held(ledger, history))
    measured = ledger.measured
    committed = {key for key in measured if key in held}
    missing = [key for key in measured if key not in held]
    times = sorted(at - measured[key][1] for key, at in ledger.receipted.items() if key in measured)
    return Proof(
        stations=len({station for station, _, _ in measured}),
        reports=len(measured),
        committed=len(committed),
        receipted=sum(key in measured for key in ledger.receipted),
        waiting=sum((station, seq) in ledger.waiting for station, _, seq in missing),
        lost=sum((station, seq) not in ledger.waiting for station, _, seq in missing),
        duplicated=sum(held[key] - 1 for key in committed),
        p50_ms=_quantile_ms(times, 0.50),
        p99_ms=_quantile_ms(times, 0.99),
    )


def _held(ledger: Measured, history: History) -> Iterable[Key]:
    for station, (first, last) in ledger.spans().items():
        for received in history.reports(station, first, last + timedelta(seconds=1)):
            report = received.report
            yield report.station, report.stream, report.seq


def _quantile_ms(times: list[float], share: float) -> float | None:
    return round(times[int(len(times) * share)] * 1000, 1) if times else None
