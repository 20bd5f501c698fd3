"""What people and rules wrote down, for the figures of a district: see `usage.district.Records`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, func, select

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
"""An alert may be acknowledged and resolved so long after the month in which it fired."""


class DistrictRecords:
    """For any thread; every method may raise RegistryAway.

    Alerts are kept by months (of UTC) while nothing is written about them: a year of a thousand
    stations is read once, and then only what is new.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._months: dict[datetime, tuple[Any, list[Alarm]]] = {}

    def alarms(self, start: datetime, end: datetime) -> Sequence[Alarm]:
        """Alerts that fired in start..end, each once; what late data told of the past is none."""
        found: dict[str, Alarm] = {}
        with transaction(self._engine) as connection:
            for month in _months(start, end):
                for one in self._of(connection, month):
                    if start <= one.fired_at < end:
                        known = found.get(one.id)
                        found[one.id] = one if known is None else _both(known, one)
        return sorted(found.values(), key=lambda one: (one.fired_at, one.id))

    def _of(self, connection: Connection, month: datetime) -> list[Alarm]:
        """Those that fired in this month."""
        end = _next(month)
        within = _ROWS.at >= month, _ROWS.at < end + AFTERWARDS
        written = select(func.count(), func.max(_ROWS.at)).where(*within)
        mark = tuple(connection.execute(written).one())
        known = self._months.get(month)
        if known is None or known[0] != mark:
            query = _fired(end).where(*within)
            known = mark, [Alarm(*row) for row in connection.execute(query)]
            self._months[month] = known
        return known[1]

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Visits that no sensor counted."""
        return VisitCounts(self._engine).between(stations, start, end)


def _fired(end: datetime) -> Select[Any]:
    moments = [_first(_ROWS.at, _ROWS.kind == "firing", _ROWS.at < end)]
    moments += [_first(_ROWS.at, _ROWS.kind == kind) for kind in _KINDS[1:]]
    severity = _first(_ROWS.severity, _ROWS.kind == "firing", _ROWS.severity.in_(_SEVERE))
    return (
        select(_ROWS.alert_id, _ROWS.station, _ROWS.name, severity, *moments)
        .where(_ROWS.kind.in_(_KINDS), _ROWS.is_late.is_(False))
        .group_by(_ROWS.alert_id, _ROWS.station, _ROWS.name)
        .having(severity.is_not(None), moments[0].is_not(None))
    )


def _first(value: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[Any]:
    """The least of an alert's entries of one kind; NULL where it has none."""
    return func.min(case((and_(*where), value)))


def _months(start: datetime, end: datetime) -> Iterator[datetime]:
    month = start.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month < end:
        yield month
        month = _next(month)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _both(one: Alarm, other: Alarm) -> Alarm:
    """An alert that fired in two months is one."""
    first, second = sorted((one, other), key=lambda alarm: alarm.fired_at)
    return replace(
        first,
        severity=min(first.severity, second.severity),
        acknowledged_at=first.acknowledged_at or second.acknowledged_at,
        resolved_at=first.resolved_at or second.resolved_at,
    )
