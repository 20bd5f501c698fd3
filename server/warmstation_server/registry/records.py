"""What people and rules wrote down, for the figures of a district: see `usage.district.Records`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from warmstation_server.registry.alert_tables import AlertEntryTable
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.visits import VisitCounts
from warmstation_server.usage.response import Alarm
from warmstation_server.visits import VisitCount

_ENTRIES = AlertEntryTable.__table__
_KINDS = ("firing", "acknowledged", "resolved")
_SEVERE = ("critical", "warning")
AFTERWARDS = timedelta(days=31)
"""An alert of a period may be acknowledged and resolved so long after its end."""


class DistrictRecords:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def alarms(self, start: datetime, end: datetime) -> Sequence[Alarm]:
        """Alerts that fired in start..end, each once; what late data told of the past is none."""
        rows = _ENTRIES.c
        query = (
            select(
                rows.alert_id, rows.station, rows.name, rows.kind, rows.severity, func.min(rows.at)
            )
            .where(rows.kind.in_(_KINDS), rows.is_late.is_(False))
            .where(rows.at >= start, rows.at < end + AFTERWARDS)
            .group_by(rows.alert_id, rows.station, rows.name, rows.kind, rows.severity)
        )
        found: dict[str, dict[str, datetime]] = {}
        about: dict[str, tuple[str, str, str]] = {}
        with transaction(self._engine) as connection:
            for alert, station, name, kind, severity, at in connection.execute(query):
                moments = found.setdefault(alert, {})
                moments[kind] = min(at, moments.get(kind, at))
                if kind == "firing" and severity in _SEVERE:
                    about[alert] = station, name, severity
        alarms = [
            Alarm(
                alert,
                *about[alert],
                moments["firing"],
                moments.get("acknowledged"),
                moments.get("resolved"),
            )
            for alert, moments in found.items()
            if alert in about and start <= moments["firing"] < end
        ]
        return sorted(alarms, key=lambda one: (one.fired_at, one.id))

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Visits that no sensor counted."""
        return VisitCounts(self._engine).between(stations, start, end)
