"""Alerts in their tables: an alert, its history, its notices and who did it, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from warmstation_server.alerts import record
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.state import AlertState, Transition
from warmstation_server.alerts.store import Decided, Kept
from warmstation_server.duty import ALERTS
from warmstation_server.registry import duties
from warmstation_server.registry.alert_tables import (
    AlertDeskTable,
    AlertEntryTable,
    AlertTable,
    AlertWaitingTable,
)
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.notices import add_notices

_NOT_KEPT = frozenset({"pending", "dropped"})
"""What never fired is nobody's history."""
_AT_ONCE = 500
"""Keys in one statement: databases bound the number of its parameters."""


class Alerts:
    """Where the desk keeps its alerts. For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self) -> Kept:
        """All that is not over."""
        with transaction(self._engine) as connection, Session(connection) as session:
            desk = session.get(AlertDeskTable, 1)
            states = session.scalars(select(AlertTable.record).where(AlertTable.is_open))
            waiting = session.scalars(select(AlertWaitingTable))
            return Kept(
                desk.passed_at if desk else None,
                tuple(record.state_of(text) for text in states),
                {row.station: record.conditions_of(row.record) for row in waiting},
                record.windows_of(desk.windows) if desk else (),
            )

    def commit(self, decided: Decided, holder: str | None = None) -> None:
        """Everything of one turn, or nothing of it.

        RegistryAway also where there is a `holder` who has lost the duty to decide.
        """
        with transaction(self._engine, writes=True) as connection:
            if holder is not None:
                duties.require(connection, ALERTS, holder)
            _put(connection, decided)
            entries = [_entry(one) for one in decided.transitions if one.kind not in _NOT_KEPT]
            if entries:
                connection.execute(insert(AlertEntryTable), entries)
            _wait(connection, decided)
            _note(connection, decided)
            add_notices(connection, decided.notices)
            for entry in decided.audit:
                add_entry(connection, entry)

    def newest(
        self, station: str | None = None, *, is_open: bool | None = None, limit: int = 200
    ) -> tuple[AlertState, ...]:
        """Alerts that fired, the newest first."""
        query = select(AlertTable.record).where(_was_one())
        if station is not None:
            query = query.where(AlertTable.station == station)
        if is_open is not None:
            query = query.where(AlertTable.is_open == is_open)
        query = query.order_by(AlertTable.since.desc(), AlertTable.id).limit(limit)
        with transaction(self._engine) as connection, Session(connection) as session:
            return tuple(record.state_of(text) for text in session.scalars(query))

    def windows(self) -> tuple[Window, ...]:
        """Planned work that is not over."""
        with transaction(self._engine) as connection, Session(connection) as session:
            desk = session.get(AlertDeskTable, 1)
            return record.windows_of(desk.windows) if desk else ()

    def find(self, alert_id: str) -> AlertState | None:
        """One alert that fired, open or over."""
        query = select(AlertTable.record).where(AlertTable.id == alert_id, _was_one())
        with transaction(self._engine) as connection, Session(connection) as session:
            text = session.scalars(query).one_or_none()
        return None if text is None else record.state_of(text)

    def history(self, alert_id: str) -> tuple[Transition, ...]:
        """All that happened to one alert, in order."""
        query = select(AlertEntryTable).where(AlertEntryTable.alert_id == alert_id)
        with transaction(self._engine) as connection, Session(connection) as session:
            rows = session.scalars(query.order_by(AlertEntryTable.number))
            return tuple(_transition(row) for row in rows)

    def entries(
        self, start: datetime, end: datetime, station: str | None = None
    ) -> tuple[Transition, ...]:
        """Everything that happened in start..end, by time; at one station, or anywhere."""
        query = select(AlertEntryTable).where(AlertEntryTable.at >= start, AlertEntryTable.at < end)
        if station is not None:
            query = query.where(AlertEntryTable.station == station)
        query = query.order_by(AlertEntryTable.at, AlertEntryTable.alert_id, AlertEntryTable.number)
        with transaction(self._engine) as connection, Session(connection) as session:
            return tuple(_transition(row) for row in session.scalars(query))

    def forget(self, before: datetime) -> int:
        """Drop alerts that were over before then, with all that happened to them; how many.

        A few at a time, so that nobody waits long for the registry: call until it returns 0.
        """
        with (
            transaction(self._engine, writes=True) as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            over = select(AlertTable.id).where(
                AlertTable.is_open.is_(False), AlertTable.resolved_at < before
            )
            gone = list(session.scalars(over.limit(_AT_ONCE)))
            session.execute(delete(AlertEntryTable).where(AlertEntryTable.alert_id.in_(gone)))
            session.execute(delete(AlertTable).where(AlertTable.id.in_(gone)))
            return len(gone)


def _was_one() -> ColumnElement[bool]:
    """What never fired is nobody's alert."""
    return or_(
        AlertTable.fired_at.is_not(None),
        AlertTable.resolved_at.is_not(None),
        AlertTable.phase == "past",
    )


def _put(connection: Connection, decided: Decided) -> None:
    """The newest word about each alert; what never was an alert goes."""
    was_one = (one for one in decided.gone if one.fired_at or one.resolved_at)
    rows = {state.id: _row(state, is_open=False) for state in was_one}
    rows |= {state.id: _row(state, is_open=True) for state in decided.states}
    _delete(connection, AlertTable.id, [*rows, *(state.id for state in decided.gone)])
    if rows:  # without the ORM: an incident of a city is thousands of them in one turn
        connection.execute(insert(AlertTable), list(rows.values()))


def _wait(connection: Connection, decided: Decided) -> None:
    _delete(connection, AlertWaitingTable.station, list(decided.waiting))
    rows = [
        {"station": station, "record": record.conditions_to_json(waiting)}
        for station, waiting in decided.waiting.items()
        if waiting
    ]
    if rows:
        connection.execute(insert(AlertWaitingTable), rows)


def _delete(connection: Connection, column: InstrumentedAttribute[str], keys: list[str]) -> None:
    for first in range(0, len(keys), _AT_ONCE):
        some = column.in_(keys[first : first + _AT_ONCE])
        connection.execute(delete(column.class_).where(some))


def _note(connection: Connection, decided: Decided) -> None:
    values: dict[str, Any] = {"passed_at": decided.at}
    if decided.windows is not None:
        values["windows"] = record.windows_to_json(decided.windows)
    desk = AlertDeskTable
    if not connection.execute(update(desk).values(values)).rowcount:
        connection.execute(insert(desk), {"id": 1, "windows": "[]"} | values)


def _row(state: AlertState, *, is_open: bool) -> dict[str, Any]:
    return {
        "id": state.id,
        "station": state.station,
        "name": state.name,
        "subject": state.subject,
        "phase": state.phase,
        "word": state.word,
        "severity": state.severity,
        "tier": state.tier,
        "assignee": state.assignee,
        "since": state.since,
        "fired_at": state.fired_at,
        "resolved_at": state.resolved_at,
        "is_open": is_open,
        "record": record.state_to_json(state),
    }


def _entry(one: Transition) -> dict[str, Any]:
    return {
        "alert_id": one.alert_id,
        "number": one.number,
        "station": one.station,
        "name": one.name,
        "subject": one.subject,
        "kind": one.kind,
        "at": one.at,
        "since": one.since,
        "severity": one.severity,
        "word": one.word,
        "tier": one.tier,
        "is_late": one.is_late,
        "by": one.by,
        "note": one.note[:500],
    }


def _transition(row: AlertEntryTable) -> Transition:
    fields = {name: getattr(row, name) for name in Transition.__dataclass_fields__}
    return Transition(**fields)
