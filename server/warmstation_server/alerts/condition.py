"""A Condition: whether one named thing is wrong at one station now, and why we think so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from warmstation_server.places import Text


@dataclass(frozen=True, slots=True)
class Condition:
    """One answer of the diagnosis at one moment of event time.

    `name`: what may be wrong, a dotted word that rules speak of (`heating.no_heat`,
    `supplies.low`, `chargers.welded`, `station.offline`). `subject`: which one of several (an item,
    a charger, a sensor), empty where the station has only one.
    `holds`: True wrong, False measured and fine, None nobody can tell (never resolves anything).
    `value`: the figure that rules compare, in the unit that the name documents.
    `at`: event time of the evidence. `since`: when the evidence began. `is_late`: judged from
    backfilled reports: it may correct history and open alerts, it never pages.
    """

    station: str
    name: str
    holds: bool | None
    at: datetime
    subject: str = ""
    value: float | None = None
    confidence: float = 1.0
    since: datetime | None = None
    is_late: bool = False
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    advice: Text | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two conditions the same trouble."""
        return self.station, self.name, self.subject
