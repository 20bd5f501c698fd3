"""What people and rules wrote down, for the figures of a district: see `usage.district.Records`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, exists, func, select

from warmstation_server.registry.alert_tables import AlertEntryTable
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.visits import VisitCounts
from warmstation_server.usage.response import Alarm
from warmstation_server.visits import VisitCount

_ROWS = AlertEntryTable.__table__.c
_FIRES = ("firing", "flapping", "severity_up")
"""What flaps is told as that from the first, and what grew grave later was told then."""
_KINDS = (*_FIRES, "acknowledged", "resolved")
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
        found: list[Alarm] = []
        with transaction(self._engine) as connection:
            for month in _months(start, end):
                found += (one for one in self._of(connection, month) if start <= one.fired_at < end)
        return sorted(found, key=lambda one: (one.fired_at, one.id))

    def _of(self, connection: Connection, month: datetime) -> list[Alarm]:
        """Those that fired in this month."""
        end = _next(month)
        within = _ROWS.at >= month, _ROWS.at < end + AFTERWARDS
        written = select(func.count(), func.max(_ROWS.at)).where(*within)
        mark = tuple(connection.execute(written).one())
        known = self._months.get(month)
        if known is None or known[0] != mark:
            query = _fired(month, end).where(*within)
            known = mark, [Alarm(*row) for row in connection.execute(query)]
            self._months[month] = known
        return known[1]

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Visits that no sensor counted."""
        return VisitCounts(self._engine).between(stations, start, end)


def _fired(month: datetime, end: datetime) -> Select[Any]:
    """Alerts that became grave in a month, and never before."""
    is_grave = and_(_ROWS.kind.in_(_FIRES), _ROWS.severity.in_(_SEVERE))
    fired = _first(_ROWS.at, is_grave, _ROWS.at < end)
    before = AlertEntryTable.__table__.alias().c
    known = exists().where(
        before.alert_id == _ROWS.alert_id,
        before.at < month,
        before.kind.in_(_FIRES),
        before.severity.in_(_SEVERE),
        before.is_late.is_(False),
    )
    answers = (_first(_ROWS.at, _ROWS.kind == kind) for kind in ("acknowledged", "resolved"))
    return (
        select(
            _ROWS.alert_id,
            _ROWS.station,
            _ROWS.name,
            _first(_ROWS.severity, is_grave),
            fired,
            *answers,
        )
        .where(_ROWS.kind.in_(_KINDS), _ROWS.is_late.is_(False), ~known)
        .group_by(_ROWS.alert_id, _ROWS.station, _ROWS.name)
        .having(fired.is_not(None))
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
