"""Places that end: stations retired and brought back, and what was only a mistake taken away.

Each is one transaction with its line in the audit log, and raises the revision.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from warmstation_server.accounts.audit import Author, Entry
from warmstation_server.accounts.scope import EVERYWHERE, Node, at_region, at_station
from warmstation_server.places import Retired
from warmstation_server.registry import convert
from warmstation_server.registry.account_tables import AuditTable, PersonTable, TokenTable
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.enrolment_tables import ClaimTable
from warmstation_server.registry.errors import (
    BadPlace,
    StillNeeded,
    UnknownPlace,
    UnknownStation,
)
from warmstation_server.registry.rows import columns_of, region_columns_of
from warmstation_server.registry.tables import DeploymentTable, RegionTable, StationTable, Table
from warmstation_server.registry.upkeep_tables import SupplyParTable

REASON_LENGTH = 200
_GOES_ALONG = (ClaimTable, SupplyParTable)
"""What nobody misses where the station never was."""
_KEPT_OF_IT = {
    "rider_reports": "what riders reported",
    "station_certificates": "a certificate",
    "commissionings": "a commissioning record",
    "supply_entries": "its ledger of supplies",
    "station_overrides": "hours opened or closed by hand",
    "visit_counts": "counted visits",
}


class Lives:
    """For any thread; every method may raise RegistryAway, UnknownPlace and BadPlace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def retire(self, station: str, at: datetime, reason: str, author: Author) -> Retired:
        """From `at` on, which is not to come, it is no station any more."""
        reason = " ".join(reason.split())
        if not reason:
            raise BadPlace("a reason must be given: it stands in the audit log")
        if len(reason) > REASON_LENGTH:
            raise BadPlace(f"the reason must have at most {REASON_LENGTH} characters")
        if at > author.at:
            raise BadPlace("a station is retired when its last day is there, not before")
        with self._session() as session:
            row = _station(session, station)
            if row.retired_at is not None:
                since = row.retired_at.date().isoformat()
                raise BadPlace(f"station {station} was retired already, on {since} (UTC)")
            row.retired_at, row.retired_reason = at, reason
            told = {"from": at.isoformat(), "reason": reason}
            _tell(session, author.line("station.retired", station, None, told, place=_at(station)))
            return convert.retired(row)

    def bring_back(self, station: str, since: datetime, author: Author) -> None:
        """It is a station again since then: at the moment of its end as if there had been none."""
        if since > author.at:
            raise BadPlace("a station is brought back when its first day is there, not before")
        with self._session() as session:
            row = _station(session, station)
            if row.retired_at is None:
                raise BadPlace(f"station {station} is not retired")
            told = {"from": row.retired_at.isoformat(), "reason": row.retired_reason}
            after = {"from": max(since, row.retired_at).isoformat()}
            row.retired_at = row.retired_reason = None
            line = author.line("station.returned", station, told, after, place=_at(station))
            _tell(session, line)

    def remove_station(self, station: str, author: Author) -> None:
        """As if it had never been; whoever asks knows that it never reported. StillNeeded."""
        with self._session() as session:
            row = _station(session, station)
            _refuse_where_kept(session, station)
            _refuse_where_scope(session, _at(station))
            for table in _GOES_ALONG:
                session.execute(delete(table).where(table.station_id == station))
            told = columns_of(convert.station(row))
            place = at_region(row.region_id)
            session.delete(row)
            _tell(session, author.line("station.removed", station, told, None, place=place))

    def remove_region(self, region: str, author: Author) -> None:
        """As if it had never been; StillNeeded where anything lies in it, or did."""
        with self._session() as session:
            row = session.get(RegionTable, region)
            if row is None:
                raise UnknownPlace(f"no region has the id {region[:80]!r}")
            _refuse_where_lies(session, region)
            _refuse_where_stood(session, region)
            _refuse_where_scope(session, at_region(region))
            told = region_columns_of(convert.region(row))
            place = at_region(row.parent_id) if row.parent_id else EVERYWHERE
            session.delete(row)
            _tell(session, author.line("region.removed", region, told, None, place=place))

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with (
            transaction(self._engine, writes=True) as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            yield session
            session.flush()


def _at(station: str) -> Node:
    return at_station(station)


def _station(session: Session, station: str) -> StationTable:
    row = session.get(StationTable, station)
    if row is None:
        raise UnknownStation(f"no station has the id {station[:80]!r}")
    return row


def _tell(session: Session, line: Entry) -> None:
    """In the transaction of the change, whose revision everybody sees."""
    session.flush()
    session.execute(update(DeploymentTable).values(revision=DeploymentTable.revision + 1))
    add_entry(session.connection(), line)


def _refuse_where_kept(session: Session, station: str) -> None:
    along = {table.__tablename__ for table in _GOES_ALONG}
    for table in Table.metadata.sorted_tables:
        keys = [key for key in table.foreign_keys if key.column.table.name == "stations"]
        if not keys or table.name in along:
            continue
        kept = select(func.count()).select_from(table).where(keys[0].parent == station)
        if session.scalar(kept):
            what = _KEPT_OF_IT.get(table.name, table.name)
            raise StillNeeded(f"station {station} has {what}: retire it, that loses nothing")


def _refuse_where_lies(session: Session, region: str) -> None:
    there = select(StationTable.id).where(StationTable.region_id == region)
    station = session.scalar(there.order_by(StationTable.id).limit(1))
    if station is not None:
        raise StillNeeded(f"station {station} lies in region {region}: move it first")
    below = select(RegionTable.id).where(RegionTable.parent_id == region)
    child = session.scalar(below.order_by(RegionTable.id).limit(1))
    if child is not None:
        raise StillNeeded(f"region {child} lies in region {region}: move or remove it first")


def _refuse_where_stood(session: Session, region: str) -> None:
    """Figures of those days count to it."""
    lines = select(AuditTable.subject, AuditTable.before).where(
        AuditTable.action == "station.changed"
    )
    for station, before in session.execute(lines.order_by(AuditTable.id)):
        if before and before.get("region") == region:
            raise StillNeeded(f"station {station} stood in region {region}: its figures name it")


def _refuse_where_scope(session: Session, node: Node) -> None:
    """An account of a place that is gone could do nothing, and nobody would see why."""
    for table in (PersonTable, TokenTable):
        for login, scope in session.execute(select(table.login, table.scope)):
            if str(node) in scope:
                raise StillNeeded(f"the account {login} is for {node}: give it another place first")
