"""What staff do with riders' reports: answer, merge into an alert, dismiss."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.reports import RiderReport, clean, report_of
from warmstation_server.registry.tables import DeploymentTable, RiderReportTable

Settled = Literal["answered", "merged", "dismissed"]
_AT_ONCE = 500


class ReportDesk:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, report: int) -> RiderReport | None:
        """One report."""
        with transaction(self._engine) as connection, Session(connection) as session:
            row = session.get(RiderReportTable, report)
            return None if row is None else report_of(row)

    def waiting(self, stations: Collection[str]) -> dict[str, int]:
        """How many reports nobody has dealt with, by station; none is left out."""
        asked = sorted(stations)
        rows = RiderReportTable
        found: dict[str, int] = {}
        with transaction(self._engine) as connection:
            for first in range(0, len(asked), _AT_ONCE):
                query = (
                    select(rows.station_id, func.count())
                    .where(rows.state == "new")
                    .where(rows.station_id.in_(asked[first : first + _AT_ONCE]))
                    .group_by(rows.station_id)
                )
                found.update((row[0], row[1]) for row in connection.execute(query))
        return found

    def settle(
        self,
        report: int,
        state: Settled,
        *,
        by: str,
        now: datetime,
        answer: str = "",
        alert_id: str | None = None,
        audit: AuditEntry | None = None,
    ) -> None:
        """Deal with a report, or do so again: the last word holds. An answer is public at once."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(
                update(RiderReportTable)
                .where(RiderReportTable.id == report)
                .values(
                    state=state,
                    answer=clean(answer),
                    settled_by=by[:100],
                    settled_at=now,
                    alert_id=alert_id,
                )
            )
            raised = DeploymentTable.revision + 1
            connection.execute(update(DeploymentTable).values(revision=raised))
            if audit is not None:
                add_entry(connection, audit)

    def between(self, station: str, start: datetime, end: datetime) -> tuple[RiderReport, ...]:
        """Reports on a station that came, or were dealt with, in start..end; the oldest first."""
        rows = RiderReportTable
        came = (rows.created_at >= start) & (rows.created_at < end)
        settled = (rows.settled_at >= start) & (rows.settled_at < end)
        query = select(rows).where(rows.station_id == station, came | settled).order_by(rows.id)
        with transaction(self._engine) as connection, Session(connection) as session:
            return tuple(report_of(row) for row in session.scalars(query))

    def answers(self, since: datetime) -> tuple[RiderReport, ...]:
        """Reports that were answered since then, the newest answer first."""
        query = (
            select(RiderReportTable)
            .where(RiderReportTable.settled_at >= since, RiderReportTable.answer != "")
            .order_by(RiderReportTable.settled_at.desc(), RiderReportTable.id.desc())
        )
        with transaction(self._engine) as connection, Session(connection) as session:
            return tuple(report_of(row) for row in session.scalars(query))
