"""The audit log in its table. Add a line in the transaction of the write that it tells of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.scope import EVERYWHERE, Node
from warmstation_server.past import PROMISES, Amendment, Turn
from warmstation_server.registry.account_tables import (
    PLACES_LENGTH,
    AuditSealTable,
    AuditTable,
)
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.seals import Checked, Seal, seal_of

_AT_ONCE = 500
_AUDIT = AuditTable.__table__
_SEALS = AuditSealTable.__table__
_SEALED = (
    select(_AUDIT, _SEALS.c.seal)
    .outerjoin(_SEALS, _SEALS.c.id == _AUDIT.c.id)
    .order_by(_AUDIT.c.id)
    .limit(_AT_ONCE)
)


class AuditLog:
    """Appends and reads; there is no third thing. May raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, entry: Entry) -> None:
        """Keep one line, by itself."""
        with transaction(self._engine, writes=True) as connection:
            add_entry(connection, entry)

    def newest(self, before: int | None = None) -> Iterator[Entry]:
        """Every line, the newest first, read in pieces; `before`: only older than this number."""
        while True:
            query = select(AuditTable.__table__).order_by(AuditTable.id.desc()).limit(_AT_ONCE)
            if before is not None:
                query = query.where(AuditTable.id < before)
            with transaction(self._engine) as connection:
                rows = connection.execute(query).all()
            yield from map(_entry, rows)
            if len(rows) < _AT_ONCE:
                return
            before = rows[-1].id

    def about(self, subjects: Collection[str], start: datetime, end: datetime) -> list[Entry]:
        """What was done to any of these in start..end, the oldest first."""
        rows = (_AUDIT.c.at >= start, _AUDIT.c.at < end, _AUDIT.c.subject.in_(sorted(subjects)))
        with transaction(self._engine) as connection:
            found = connection.execute(select(_AUDIT).where(*rows).order_by(_AUDIT.c.id)).all()
        return [_entry(row) for row in found]

    def newest_seal(self) -> Seal | None:
        """The seal of the newest line: whoever notes it can see later that nothing was altered."""
        with transaction(self._engine) as connection:
            return _newest(connection)

    def check(self, noted: Seal | None = None) -> Checked:
        """Look at every line's seal; `noted`: one that somebody wrote down, which must be there."""
        with transaction(self._engine) as connection:
            newest = _newest(connection)
        lines, last, is_noted = 0, Seal(0, ""), noted is None
        for line in self._sealed():
            lines, last = lines + 1, Seal(line.id, seal_of(last.seal, line))
            fault = _fault(line, last, noted)
            if fault is not None:
                return Checked(lines, newest, fault)
            is_noted = is_noted or last == noted
        if newest is not None and newest.number > last.number:
            return Checked(lines, newest, f"line {newest.number} was removed")
        if noted is not None and not is_noted:
            said = f"there is no line {noted.number}: it was removed, or never written here"
            return Checked(lines, newest, said)
        return Checked(lines, newest)

    def _sealed(self) -> Iterator[Any]:
        """Every line with its seal, the oldest first, read in pieces."""
        last = 0
        while True:
            with transaction(self._engine) as connection:
                rows = connection.execute(_SEALED.where(_AUDIT.c.id > last)).all()
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].id

    def amendments(self, after: int) -> Sequence[Amendment]:
        """Changes of what stations promise, behind this number, rising."""
        rows = _AUDIT.c.id > after, _AUDIT.c.action == "station.changed"
        query = select(_AUDIT.c.id, _AUDIT.c.subject, _AUDIT.c.at, _AUDIT.c.before).where(*rows)
        with transaction(self._engine) as connection:
            found = connection.execute(query.order_by(_AUDIT.c.id)).all()
        return [Amendment(*row) for row in found if row.before and PROMISES & row.before.keys()]

    def turns(self, after: int) -> Sequence[Turn]:
        """Ends and returns of stations, behind this number, rising."""
        end, back = "station.retired", "station.returned"
        query = select(_AUDIT.c.id, _AUDIT.c.subject, _AUDIT.c.action, _AUDIT.c.after)
        query = query.where(_AUDIT.c.id > after, _AUDIT.c.action.in_((end, back)))
        with transaction(self._engine) as connection:
            found = connection.execute(query.order_by(_AUDIT.c.id)).all()
        return [
            Turn(row.id, row.subject, datetime.fromisoformat(row.after["from"]), row.action == end)
            for row in found
        ]


def add_entry(connection: Connection, entry: Entry) -> None:
    """Append in a transaction that is under way: the write and its line hold together or not."""
    add_entries(connection, (entry,))


def add_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Append many, in their order: an import has one a station. In a writing transaction alone."""
    if not connection.get_execution_options().get("writes", False):
        raise ValueError("only who has its turn to write may seal a line of the audit log")
    rows = [_row(entry) for entry in entries]
    if not rows:
        return
    insertion = insert(AuditTable).returning(_AUDIT.c.id, sort_by_parameter_order=True)
    numbers = connection.execute(insertion, rows).scalars().all()
    before = _newest(connection)
    seal = "" if before is None else before.seal
    for first in range(0, len(numbers), _AT_ONCE):
        some = _AUDIT.c.id.in_(numbers[first : first + _AT_ONCE])
        seals = []
        for line in connection.execute(select(_AUDIT).where(some).order_by(_AUDIT.c.id)).all():
            seal = seal_of(seal, line)  # as the database gives it back, to the microsecond
            seals.append({"id": line.id, "seal": seal})
        connection.execute(insert(AuditSealTable), seals)


def _newest(connection: Connection) -> Seal | None:
    query = select(_SEALS.c.id, _SEALS.c.seal).order_by(_SEALS.c.id.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return None if found is None else Seal(*found)


def _fault(line: Any, sealed: Seal, noted: Seal | None) -> str | None:
    if line.seal is None:
        return f"line {line.id} was put in: it has no seal"
    if line.seal != sealed.seal:
        return f"line {line.id} was altered, or one before it was removed or put in"
    if noted is not None and noted.number == line.id and noted != sealed:
        return f"line {line.id} has another seal than was noted: something up to it was altered"
    return None


def _entry(row: Any) -> Entry:
    places = tuple(map(Node.parse, row.places.split()))
    return Entry(row.at, row.by, row.action, row.subject, row.before, row.after, places, row.id)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "by": entry.by[:100],
        "action": entry.action[:80],
        "subject": entry.subject[:200],
        "places": _text(entry.places),
        "before": entry.before,
        "after": entry.after,
    }


def _text(places: tuple[Node, ...]) -> str:
    text = " ".join(map(str, places))
    return text if 0 < len(text) <= PLACES_LENGTH else str(EVERYWHERE)
