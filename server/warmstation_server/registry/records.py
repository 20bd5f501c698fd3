"""What people and rules wrote down, for the figures of a district: see `usage.district.Records`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, func, select

from warmstation_server.registry.alert_tables import AlertEntryTable
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.visits import VisitCounts
from warmstation_server.usage.response import Alarm
from warmstation_server.visits import VisitCount

_ROWS = AlertEntryTable.__table__.c
_KINDS = ("firing", "acknowledged", "resolved")
_SEVERE = ("critical", "warning")
"""The graver one is also the first by its letters."""
AFTERWARDS = timedelta(days=31)
"""An alert of a period may be acknowledged and resolved so long after its end."""


class DistrictRecords:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def alarms(self, start: datetime, end: datetime) -> Sequence[Alarm]:
        """Alerts that fired in start..end, each once; what late data told of the past is none."""
        moments = [_first(_ROWS.at, _ROWS.kind == kind) for kind in _KINDS]
        severity = _first(_ROWS.severity, _ROWS.kind == "firing", _ROWS.severity.in_(_SEVERE))
        query = (
            select(_ROWS.alert_id, _ROWS.station, _ROWS.name, severity, *moments)
            .where(_ROWS.kind.in_(_KINDS), _ROWS.is_late.is_(False))
            .where(_ROWS.at >= start, _ROWS.at < end + AFTERWARDS)
            .group_by(_ROWS.alert_id, _ROWS.station, _ROWS.name)
            .having(severity.is_not(None), moments[0] < end)
        )
        with transaction(self._engine) as connection:
            alarms = [Alarm(*row) for row in connection.execute(query)]
        return sorted(alarms, key=lambda one: (one.fired_at, one.id))

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Visits that no sensor counted."""
        return VisitCounts(self._engine).between(stations, start, end)


def _first(value: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[Any]:
    """The least of an alert's entries of one kind; NULL where it has none."""
    return func.min(case((and_(*where), value)))
