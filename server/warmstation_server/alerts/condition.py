"""A Condition: whether one named thing is wrong at one station now, and why we think so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from warmstation_server.places import Text

NO_EVIDENCE: Mapping[str, float | str] = {}


class Condition(NamedTuple):
    """One answer of the diagnosis at one moment of event time.

    `name`: what may be wrong, a dotted word that rules speak of (`heating.no_heat`,
    `supplies.low`, `chargers.welded`, `station.offline`). `subject`: which one of several (an item,
    a charger, a sensor), empty where the station has only one.
    `holds`: True wrong, False measured and fine, None nobody can tell (never resolves anything).
    `value`: the figure that rules compare, in the unit that the name documents.
    `at`: event time of the evidence. `since`: when the evidence began. `is_late`: judged from
    backfilled reports: it may correct history and open alerts, it never pages.

    A tuple, since a station that is heard for the first time makes twenty of them.
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
    evidence: Mapping[str, float | str] = NO_EVIDENCE
    advice: Text | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two conditions the same trouble."""
        return self.station, self.name, self.subject
