"""Visits that people counted, in their table; those of sensors are in the history."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Engine, delete, insert, select

from warmstation_server.accounts.audit import Author
from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.accounts.scope import at_station
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.tables import DeploymentTable
from warmstation_server.registry.upkeep_tables import VisitCountTable
from warmstation_server.visits import VisitCount, VisitMethod

_ROWS = VisitCountTable.__table__
_AT_ONCE = 500


class VisitCounts:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, count: VisitCount, audit: AuditEntry | None = None) -> None:
        """Keep one count."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(
                insert(VisitCountTable).values(
                    station_id=count.station,
                    method=count.method,
                    visits=count.visits,
                    start=count.start,
                    end=count.end,
                    by=count.by[:100],
                    note=count.note,
                )
            )
            if audit is not None:
                add_entry(connection, audit)

    def replace_imported(
        self, station: str, counts: Sequence[VisitCount], author: Author | None = None
    ) -> int:
        """Take over what another system counted, in place of all it had said of this time.

        The same file twice is the same as once. How many were replaced.
        """
        if not counts:
            return 0
        first, last = min(one.start for one in counts), max(one.start for one in counts)
        mine = (_ROWS.c.station_id == station, _ROWS.c.method == "imported")
        rows = [
            {"station_id": station, "method": "imported", "visits": one.visits, "start": one.start,
             "end": one.end, "by": one.by[:100], "note": one.note}
            for one in counts
        ]  # fmt: skip
        with transaction(self._engine, writes=True) as connection:
            gone = connection.execute(
                delete(VisitCountTable).where(*mine, _ROWS.c.start >= first, _ROWS.c.start <= last)
            )
            connection.execute(insert(VisitCountTable), rows)
            told: dict[str, Any] = {
                "visits": sum(one.visits for one in counts),
                "hours": len(counts),
            }
            told |= {"start": first.isoformat(), "end": last.isoformat(), "note": counts[0].note}
            before = {"hours": gone.rowcount}
            author, place = author or Author.at_command_line(), at_station(station)
            line = author.line("visits.imported", station, before, told, place=place)
            add_entry(connection, line)
            return int(gone.rowcount)

    def between(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> tuple[VisitCount, ...]:
        """Counts that began in start..end, by station and time."""
        asked = sorted(stations)
        found: list[VisitCount] = []
        with transaction(self._engine) as connection:
            for first in range(0, len(asked), _AT_ONCE):
                query = select(_ROWS).where(
                    _ROWS.c.station_id.in_(asked[first : first + _AT_ONCE]),
                    _ROWS.c.start >= start,
                    _ROWS.c.start < end,
                )
                order = (_ROWS.c.station_id, _ROWS.c.start, _ROWS.c.id)
                for row in connection.execute(query.order_by(*order)):
                    method = cast("VisitMethod", row.method)
                    found.append(
                        VisitCount(
                            row.station_id,
                            method,
                            row.visits,
                            row.start,
                            row.end,
                            row.by,
                            row.note,
                            row.id,
                        )
                    )
        return tuple(found)

    def code(self, station: str) -> str:
        """What the code at the wall proves: that somebody stood in front of it."""
        with transaction(self._engine) as connection:
            key = connection.execute(select(DeploymentTable.client_key)).scalar_one()
        said = f"check-in {station}".encode()
        return hashlib.blake2b(said, key=bytes.fromhex(key), digest_size=6).hexdigest()
