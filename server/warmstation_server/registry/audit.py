"""The audit log in its table. Add a line in the transaction of the write that it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.scope import EVERYWHERE, Node
from warmstation_server.past import PROMISES, Amendment
from warmstation_server.registry.account_tables import PLACES_LENGTH, AuditTable
from warmstation_server.registry.engine import transaction

_AT_ONCE = 500
_AUDIT = AuditTable.__table__


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
            for row in rows:
                yield Entry(
                    row.at,
                    row.by,
                    row.action,
                    row.subject,
                    row.before,
                    row.after,
                    tuple(map(Node.parse, row.places.split())),
                    row.id,
                )
            if len(rows) < _AT_ONCE:
                return
            before = rows[-1].id

    def amendments(self, after: int) -> Sequence[Amendment]:
        """Changes of what stations promise, behind this number, rising."""
        rows = _AUDIT.c.id > after, _AUDIT.c.action == "station.changed"
        query = select(_AUDIT.c.id, _AUDIT.c.subject, _AUDIT.c.at, _AUDIT.c.before).where(*rows)
        with transaction(self._engine) as connection:
            found = connection.execute(query.order_by(_AUDIT.c.id)).all()
        return [Amendment(*row) for row in found if row.before and PROMISES & row.before.keys()]


def add_entry(connection: Connection, entry: Entry) -> None:
    """Append in a transaction that is under way: the write and its line hold together or not."""
    add_entries(connection, (entry,))


def add_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Append many, in their order: an import has one a station."""
    rows = [_row(entry) for entry in entries]
    if rows:
        connection.execute(insert(AuditTable), rows)


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
