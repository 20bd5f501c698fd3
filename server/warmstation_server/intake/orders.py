"""What the server and its intake process tell each other; for `apart` and `own_process` alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.sections import BrokerConfig, LogSection

STATE, MESSAGES, URGENT, ACKNOWLEDGE, PUBLISH, END = range(6)
"""The first value of a parcel."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process is told first."""

    broker: BrokerConfig
    queue: int
    log: LogSection = field(default_factory=LogSection)
    secrets: tuple[str, ...] = ()
