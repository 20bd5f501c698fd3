"""What the server and its intake process tell each other; for the processes' own files alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.sections import BrokerConfig, LogSection

STATE, MESSAGES, URGENT, ACKNOWLEDGE, PUBLISH, END = range(6)
"""The first value of a parcel."""
GC_THRESHOLDS = (100_000, 20, 50)
"""As the server's own: reports are many small objects without cycles."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process is told first.

    `processes`: how many read; with more than one, each of them is beside the one told.
    """

    broker: BrokerConfig
    queue: int
    processes: int = 1
    log: LogSection = field(default_factory=LogSection)
    secrets: tuple[str, ...] = ()
