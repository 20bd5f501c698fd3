"""Stations opened and closed by hand, in their table; every change raises the revision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, or_, select, update

from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.tables import DeploymentTable
from warmstation_server.registry.upkeep_tables import OverrideTable
from warmstation_server.status.override import Override

_ROWS = OverrideTable.__table__


class Overrides:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, override: Override, audit: AuditEntry | None = None) -> Override:
        """From now on this holds; what held at the station before is over."""
        with transaction(self._engine, writes=True) as connection:
            _end(connection, override.station, override.since)
            values = {
                "station_id": override.station,
                "is_open": override.is_open,
                "reason": override.reason,
                "since": override.since,
                "until": override.until,
                "by": override.by[:100],
            }
            put = insert(OverrideTable).values(values).returning(*_ROWS.c)
            row = connection.execute(put).one()
            _note(connection, audit)
            return _override(row)

    def end(self, station: str, now: datetime, audit: AuditEntry | None = None) -> bool:
        """Take back what holds there; whether something did."""
        with transaction(self._engine, writes=True) as connection:
            was_held = _end(connection, station, now)
            _note(connection, audit)
            return was_held

    def standing(self, now: datetime) -> tuple[Override, ...]:
        """All that hold now."""
        found = self._found(_ROWS.c.until > now, _ROWS.c.ended_at.is_(None))
        return tuple(one for one in found if one.holds(now))

    def between(self, station: str, start: datetime, end: datetime) -> tuple[Override, ...]:
        """What held at a station in start..end, the oldest first."""
        return self._found(
            _ROWS.c.station_id == station,
            _ROWS.c.since < end,
            _ROWS.c.until > start,
            or_(_ROWS.c.ended_at.is_(None), _ROWS.c.ended_at > start),
        )

    def _found(self, *where: ColumnElement[bool]) -> tuple[Override, ...]:
        with transaction(self._engine) as connection:
            rows = connection.execute(select(_ROWS).where(*where).order_by(_ROWS.c.id))
            return tuple(_override(row) for row in rows)


def _end(connection: Connection, station: str, now: datetime) -> bool:
    held = (_ROWS.c.station_id == station, _ROWS.c.ended_at.is_(None), _ROWS.c.until > now)
    return bool(
        connection.execute(update(OverrideTable).where(*held).values(ended_at=now)).rowcount
    )


def _note(connection: Connection, audit: AuditEntry | None) -> None:
    raised = DeploymentTable.revision + 1
    connection.execute(update(DeploymentTable).values(revision=raised))
    if audit is not None:
        add_entry(connection, audit)


def _override(row: Any) -> Override:
    return Override(
        row.station_id,
        row.is_open,
        row.reason,
        row.since,
        row.until,
        row.by,
        row.id,
        row.ended_at,
    )
