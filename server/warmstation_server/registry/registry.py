"""The registry: who may open it and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from warmstation_server.accounts.audit import Author
from warmstation_server.places import Region, Retired, Station
from warmstation_server.registry import convert, reports
from warmstation_server.registry import dump as dumping
from warmstation_server.registry.alerts import Alerts
from warmstation_server.registry.audit import AuditLog
from warmstation_server.registry.duties import Duties
from warmstation_server.registry.engine import engine_for, sentences, transaction, url_of
from warmstation_server.registry.enrolments import Enrolments
from warmstation_server.registry.errors import BadPlace, UnknownPlace
from warmstation_server.registry.importing import import_rows
from warmstation_server.registry.imports.raw import Kind, RawRow
from warmstation_server.registry.lives import Lives
from warmstation_server.registry.login_failures import LoginFailures
from warmstation_server.registry.notifications import Notifications
from warmstation_server.registry.outcome import ImportOutcome
from warmstation_server.registry.overrides import Overrides
from warmstation_server.registry.people import People
from warmstation_server.registry.records import DistrictRecords
from warmstation_server.registry.report_desk import ReportDesk
from warmstation_server.registry.reports import ReportKind, RiderReport
from warmstation_server.registry.rows import columns_of, region_columns_of
from warmstation_server.registry.schema import to_head
from warmstation_server.registry.sessions import Sessions
from warmstation_server.registry.single import refuse, row
from warmstation_server.registry.supplies import SupplyLedger
from warmstation_server.registry.tables import DeploymentTable, RegionTable, StationTable
from warmstation_server.registry.tokens import Tokens
from warmstation_server.registry.visits import VisitCounts


class Registry:
    """Regions, stations and what riders report; for any thread and several processes at once.

    Every method may raise RegistryAway.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path_or_url: str | Path) -> Self:
        """Open (or make) a registry and bring it to this version's schema.

        RegistryAway where it cannot be used, RegistryForeign where it is something else.
        """
        engine = engine_for(url_of(path_or_url))
        with sentences(engine.url):
            to_head(engine)
        return cls(engine)

    @classmethod
    def restored(cls, path_or_url: str | Path, lines: Iterable[str]) -> Self:
        """Fill an empty database with what `dump` said, and open it; RegistryForeign where not."""
        engine = engine_for(url_of(path_or_url))
        try:
            with sentences(engine.url):
                dumping.load(engine, lines)
        finally:
            engine.dispose()
        return cls.open(path_or_url)

    def dump(self) -> Iterator[str]:
        """All of it as lines of JSON, from one view; the same for every kind of database."""
        with sentences(self._engine.url):
            yield from dumping.dump(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @property
    def alerts(self) -> Alerts:
        """Where alerts, their history and what they tell are kept."""
        return Alerts(self._engine)

    @property
    def notifications(self) -> Notifications:
        """The outbox of notices and the ledger of their delivery."""
        return Notifications(self._engine)

    @property
    def people(self) -> People:
        """Who has an account."""
        return People(self._engine)

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self._engine)

    @property
    def tokens(self) -> Tokens:
        """Keys of programs that act for people."""
        return Tokens(self._engine)

    @property
    def login_failures(self) -> LoginFailures:
        """What throttles guessing passwords."""
        return LoginFailures(self._engine)

    @property
    def audit(self) -> AuditLog:
        """What people wrote, and when."""
        return AuditLog(self._engine)

    @property
    def supplies(self) -> SupplyLedger:
        """What came to the shelves and what went."""
        return SupplyLedger(self._engine)

    @property
    def overrides(self) -> Overrides:
        """Stations opened and closed by hand."""
        return Overrides(self._engine)

    @property
    def visits(self) -> VisitCounts:
        """Visits that people counted."""
        return VisitCounts(self._engine)

    @property
    def duties(self) -> Duties:
        """Which of several servers does what only one may do."""
        return Duties(self._engine)

    @property
    def records(self) -> DistrictRecords:
        """What the figures of a district take from here."""
        return DistrictRecords(self._engine)

    @property
    def report_desk(self) -> ReportDesk:
        """What staff do with riders' reports."""
        return ReportDesk(self._engine)

    @property
    def lives(self) -> Lives:
        """Stations that end and come back, and places that were a mistake."""
        return Lives(self._engine)

    @property
    def enrolments(self) -> Enrolments:
        """Claims, certificates and commissioning records of stations."""
        return Enrolments(self._engine)

    def regions(self) -> tuple[Region, ...]:
        """All regions, by id."""
        with self._session() as session:
            rows = session.scalars(select(RegionTable).order_by(RegionTable.id))
            return tuple(convert.region(row) for row in rows)

    def stations(self) -> tuple[Station, ...]:
        """All stations, by id; those that are none any more are not among them."""
        query = select(StationTable).where(StationTable.retired_at.is_(None))
        with self._session() as session:
            rows = session.scalars(query.order_by(StationTable.id))
            return tuple(convert.station(row) for row in rows)

    def retired(self) -> tuple[Retired, ...]:
        """All stations that are none any more, by id."""
        query = select(StationTable).where(StationTable.retired_at.is_not(None))
        with self._session() as session:
            rows = session.scalars(query.order_by(StationTable.id))
            return tuple(convert.retired(row) for row in rows)

    def revision(self) -> int:
        """Rises with every committed change of regions or stations, by whichever process."""
        with transaction(self._engine) as connection:
            return connection.execute(select(DeploymentTable.revision)).scalar_one()

    def take(
        self,
        rows: Iterable[RawRow],
        *,
        strict: bool = False,
        dry_run: bool = False,
        author: Author | None = None,
    ) -> ImportOutcome:
        """Add or change, by id, what the good rows say, all in one transaction with its lines.

        `strict`: one refused row refuses all. `dry_run`: only tell what would happen.
        """
        with self._session(writes=True) as session:
            outcome = import_rows(session, tuple(rows), author or Author.at_command_line())
            if dry_run or (strict and outcome.refused):
                session.rollback()
                return replace(outcome, is_committed=False)
            return outcome

    def put(self, regions: Iterable[Region], stations: Iterable[Station]) -> ImportOutcome:
        """Add or change these places, all or none; BadPlace names what is refused."""
        rows = [row("region", region_columns_of(region)) for region in regions]
        rows += [row("station", columns_of(station)) for station in stations]
        outcome = self.take(rows, strict=True)
        refuse(outcome.refused)
        return outcome

    def add(self, values: Mapping[str, Any]) -> Station:
        """Register a new station from an import's columns; BadPlace says why not."""
        key = str(values["id"])
        if any(station.id == key for station in self.stations()):
            raise BadPlace(f"station {key} is registered already: warmstation station change {key}")
        if any(one.station.id == key for one in self.retired()):
            raise BadPlace(f"station {key} was retired: warmstation station return {key}")
        refuse(self.take([row("station", values)], strict=True).refused)
        return next(station for station in self.stations() if station.id == key)

    def post_hours(self, station: Station, hours: str, author: Author) -> bool:
        """Post other hours for it; False where its hours are not what they were, by now."""
        with self._session(writes=True) as session:
            kept = session.get(StationTable, station.id)
            if kept is None or kept.hours != station.hours:
                return False
            changed = columns_of(replace(convert.station(kept), hours=hours))
            outcome = import_rows(session, (row("station", changed),), author)
            refuse(outcome.refused)
            return True

    def change(self, kind: Kind, key: str, values: Mapping[str, Any], author: Author) -> bool:
        """Change columns of one place that is registered; whether anything differs. BadPlace."""
        known = self.regions() if kind == "region" else self.stations()
        if all(one.id != key for one in known):
            raise UnknownPlace(f"no {kind} has the id {key[:80]!r}")
        outcome = self.take([row(kind, {**values, "id": key})], strict=True, author=author)
        refuse(outcome.refused)
        return bool(outcome.of(kind).changed)

    def add_rider_report(
        self,
        station: str,
        kind: ReportKind,
        text: str,
        *,
        language: str,
        client_address: str,
        now: datetime,
    ) -> RiderReport:
        """Keep what a rider says. UnknownStation; TooManyReports from one address."""
        with self._session(writes=True) as session:
            return reports.add(session, station, kind, text, language, client_address, now)

    def rider_reports(
        self, station: str | None = None, limit: int = 1000
    ) -> tuple[RiderReport, ...]:
        """The newest reports first, of one station or of all."""
        with self._session() as session:
            return reports.newest(session, station, limit)

    @contextmanager
    def _session(self, *, writes: bool = False) -> Iterator[Session]:
        with (
            transaction(self._engine, writes=writes) as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            yield session
