"""What a level sensor says of one item, for people: level, time to empty, a rise unexplained."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.conditions.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Rise:
    """A level that rose and stayed up. Shares of full; POSIX seconds."""

    at_s: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Sensed:
    """Share of full without noise; None where no pace is known, or nothing rose unentered."""

    level: float
    forecast: Forecast | None = None
    unrecorded: Rise | None = None
