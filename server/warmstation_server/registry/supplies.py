"""The ledger of supplies in its tables. Entries are folded elsewhere: see `supplies`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Engine, Select, delete, func, insert, select

from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.upkeep_tables import SupplyEntryTable, SupplyParTable
from warmstation_server.supplies.entry import CountMethod, Entry, EntryKind

_ROWS = SupplyEntryTable.__table__
_PARS = SupplyParTable.__table__
_AT_ONCE = 500


class SupplyLedger:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, entries: Sequence[Entry], audit: AuditEntry | None = None) -> tuple[int, ...]:
        """Keep these lines, in this order, with the line of the audit log; their numbers."""
        with transaction(self._engine, writes=True) as connection:
            numbers = [
                connection.execute(
                    insert(SupplyEntryTable).values(_values(one)).returning(_ROWS.c.id)
                ).scalar_one()
                for one in entries
            ]
            if audit is not None:
                add_entry(connection, audit)
        return tuple(numbers)

    def entries(self, stations: Collection[str], item: str | None = None) -> tuple[Entry, ...]:
        """All lines of these stations, the oldest first; of one item or of all."""
        asked = sorted(stations)
        wanted = [_ROWS.c.item == item] if item is not None else []
        found: list[Entry] = []
        for first in range(0, len(asked), _AT_ONCE):
            some = _ROWS.c.station_id.in_(asked[first : first + _AT_ONCE])
            found += self._found(some, *wanted)
        return tuple(found)

    def between(self, station: str, start: datetime, end: datetime) -> tuple[Entry, ...]:
        """All lines of a station in start..end, the oldest first."""
        when = (_ROWS.c.at >= start, _ROWS.c.at < end)
        return tuple(self._found(_ROWS.c.station_id == station, *when))

    def after(self, number: int) -> tuple[Entry, ...]:
        """All lines that came behind this one."""
        return tuple(self._found(_ROWS.c.id > number))

    def newest(self) -> int:
        """The number of the newest line, 0 where there is none."""
        return self._one(select(func.max(_ROWS.c.id)))

    def lines(self, until: int) -> int:
        """How many lines have this number or a lower one."""
        return self._one(select(func.count()).where(_ROWS.c.id <= until))

    def stations(self) -> Sequence[str]:
        """All that have a line."""
        with transaction(self._engine) as connection:
            return connection.execute(select(_ROWS.c.station_id).distinct()).scalars().all()

    def pars(self) -> Mapping[tuple[str, str], int]:
        """Pieces on a full shelf, by station and item, where somebody said so."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(_PARS))
            return {(row.station_id, row.item): row.par for row in rows}

    def set_par(self, station: str, item: str, par: int, audit: AuditEntry | None = None) -> None:
        """Say how many pieces a full shelf holds."""
        where = (_PARS.c.station_id == station, _PARS.c.item == item)
        with transaction(self._engine, writes=True) as connection:
            connection.execute(delete(SupplyParTable).where(*where))
            connection.execute(
                insert(SupplyParTable).values(station_id=station, item=item, par=par)
            )
            if audit is not None:
                add_entry(connection, audit)

    def _one(self, query: Select[Any]) -> int:
        with transaction(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)

    def _found(self, *where: ColumnElement[bool]) -> list[Entry]:
        with transaction(self._engine) as connection:
            rows = connection.execute(select(_ROWS).where(*where).order_by(_ROWS.c.id))
            return [_entry(row) for row in rows]


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "station_id": entry.station,
        "item": entry.item,
        "kind": entry.kind,
        "quantity": entry.quantity,
        "at": entry.at,
        "by": entry.by[:100],
        "donor": entry.donor,
        "expires_on": entry.expires_on,
        "batch": entry.batch,
        "method": entry.method,
        "note": entry.note,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        station=row.station_id,
        item=row.item,
        kind=cast("EntryKind", row.kind),
        quantity=row.quantity,
        at=row.at,
        by=row.by,
        number=row.id,
        donor=row.donor,
        expires_on=row.expires_on,
        batch=row.batch,
        method=cast("CountMethod", row.method),
        note=row.note,
    )
