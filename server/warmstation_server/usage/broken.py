"""The promises that were not kept, station by station, worst first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from warmstation_server.usage.metric import BY_KEY, figure
from warmstation_server.usage.sums import Sums

Promise = Literal["open", "warm", "stocked"]
_METRIC = {"open": "hours_kept", "warm": "heating_18", "stocked": "stocked"}


@dataclass(frozen=True, slots=True)
class Broken:
    """A station did not do for `missed_ms` what it had promised for `promised_ms`.

    Only what was seen counts as missed. `coverage`: the share of the promise that was measured.
    """

    station: str
    promise: Promise
    missed_ms: int
    promised_ms: int
    coverage: float | None

    @property
    def share(self) -> float:
        """How much of it."""
        return self.missed_ms / self.promised_ms


LEAST_MS = 30 * 60_000
"""Half an hour in the whole period is nobody's scandal."""


def broken(by_station: Mapping[str, Sums]) -> list[Broken]:
    """Everyone who missed something worth naming."""
    found = [
        Broken(station, promise, missed, of, figure(BY_KEY[_METRIC[promise]], sums).coverage)
        for station, sums in by_station.items()
        for promise, missed, of in _missed(sums)
        if of and missed >= LEAST_MS
    ]
    return sorted(found, key=lambda one: (-one.share, one.station, one.promise))


def _missed(sums: Sums) -> tuple[tuple[Promise, int, int], ...]:
    return (
        ("open", sums.closed_ms, sums.posted_ms),
        ("warm", sums.temp_ms - sums.warm_ms, sums.temp_ms),
        ("stocked", sums.empty_ms, sums.shelf_ms),
    )
