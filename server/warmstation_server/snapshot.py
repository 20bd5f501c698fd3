"""What everyone who reads sees: one immutable picture, swapped in whole by the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from warmstation_server.places import Region, Retired, Station, Text
from warmstation_server.status.against import Against
from warmstation_server.status.override import Override
from warmstation_wire import StationStatus


@dataclass(frozen=True, slots=True)
class PublicAlert:
    """A trouble that concerns riders: facts only, nobody's name."""

    alert_id: str
    station_id: str
    cause: str
    since: datetime
    text: Text


@dataclass(frozen=True, slots=True)
class Told:
    """What the open alerts say. `alerts`: those for riders; `against`: by station, what it
    measures and is not so (see `status.against`).
    """

    alerts: tuple[PublicAlert, ...] = ()
    against: Mapping[str, Against] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What staff said back to a rider; `kind`: what had been reported, `said_at`: when."""

    station: str
    kind: str
    reported_at: datetime
    said_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All stations at one moment.

    `version` rises whenever anything but `at` differs from the snapshot before.
    `retired`: those that are none any more; nobody but staff is told of them.
    `next_change`: when the posted hours next open or close a station.
    `overrides`: what somebody said by hand about a station. `answers`: what riders were told back.
    `busy`: mean people inside by local hour of the day (24 values, None = never measured).
    """

    at: datetime
    version: int = 0
    regions: Mapping[str, Region] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)
    statuses: Mapping[str, StationStatus] = field(default_factory=dict)
    next_change: Mapping[str, datetime | None] = field(default_factory=dict)
    busy: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    alerts: tuple[PublicAlert, ...] = ()
    overrides: Mapping[str, Override] = field(default_factory=dict)
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)


class Current:
    """The newest snapshot. One writer (the pipeline), any number of readers, no lock."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def get(self) -> Snapshot:
        """The newest snapshot."""
        return self._snapshot

    def swap(self, snapshot: Snapshot) -> None:
        """Put a new snapshot in place; readers that hold the old one keep it."""
        self._snapshot = snapshot
