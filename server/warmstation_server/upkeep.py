"""What staff said about stations, as the roster reads it from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from warmstation_server.clock import Clock
from warmstation_server.registry import Registry
from warmstation_server.snapshot import Answer
from warmstation_server.status.override import Override

ANSWERS_LAST = timedelta(days=7)
"""An answer stands on the station's page for a week."""


class RegistryUpkeep:
    """The registry's side of it. RegistryAway is a ConnectionError."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def standing(self) -> Sequence[Override]:
        """Stations opened or closed by hand."""
        return self._registry.overrides.standing(self._clock.now())

    def answers(self) -> Sequence[Answer]:
        """What riders were told back of late, the newest first."""
        found = self._registry.report_desk.answers(self._clock.now() - ANSWERS_LAST)
        return [
            Answer(one.station_id, one.kind, one.created_at, one.settled_at, one.answer)
            for one in found
            if one.settled_at is not None
        ]
