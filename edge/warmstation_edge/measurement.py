"""A Measurement: all of a report but its place in a stream, which the outbox gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from warmstation_wire import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Report,
    Safety,
    Supply,
)
from warmstation_wire.report import ClockQuality


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the station measured at one moment. None = this station does not have it.

    `raw` is for `doctor` only and in no report: counts of scales, °C of the cabinets' probes, each
    presence sensor by itself (1 or 0), by the sensors' names.
    """

    measured_at: datetime
    clock: ClockQuality
    uptime_s: float
    climate: Climate | None = None
    door: Door | None = None
    people: People | None = None
    chargers: tuple[Charger, ...] | None = None
    supplies: tuple[Supply, ...] | None = None
    safety: Safety | None = None
    faults: tuple[Fault, ...] | None = None
    agent: AgentState | None = None
    raw: Mapping[str, float] | None = None

    def as_report(self, station: str, stream: str, seq: int) -> Report:
        """The report that goes out under this number."""
        return Report(
            station=station,
            stream=stream,
            seq=seq,
            measured_at=self.measured_at,
            clock=self.clock,
            uptime_s=self.uptime_s,
            climate=self.climate,
            door=self.door,
            people=self.people,
            chargers=self.chargers,
            supplies=self.supplies,
            safety=self.safety,
            faults=self.faults,
            agent=self.agent,
        )
