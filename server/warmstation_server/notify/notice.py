"""A Notice: one thing to tell about one alert. Written by alerts, delivered by notify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from warmstation_server.places import Text
from warmstation_wire.alert import Severity

NoticeKind = Literal[
    "firing",
    "severity_up",
    "severity_down",
    "escalated",
    "reminder",
    "flapping",
    "steady",
    "stale",
    "resolved",
    "still_firing",
    "acknowledged",
    "withdrawn",
]
__all__ = ["ENDS", "Notice", "NoticeKind", "Severity"]

ENDS: frozenset[NoticeKind] = frozenset({"resolved", "withdrawn"})
"""It is over: by evidence or somebody's word, or because there is no such station any more."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said, in both languages, and to which tier of the region tree.

    `key`: the idempotency key; the same notice never has two. `tier`: `station`, `community`,
    `street`, `district` or `city`; `region_id`: the node whose people of that tier are told.
    """

    key: str
    alert_id: str
    kind: NoticeKind
    severity: Severity
    station: str
    station_name: Text
    tier: str
    region_id: str
    title: Text
    since: datetime
    at: datetime
    advice: Text | None = None
    evidence: Mapping[str, float | str] = field(default_factory=dict)
