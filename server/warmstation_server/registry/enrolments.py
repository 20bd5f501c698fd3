"""Claims, certificates and commissioning records, kept. Implements enrolment.desk.Enrolments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from warmstation_server.accounts.audit import Author
from warmstation_server.accounts.scope import at_station
from warmstation_server.enrolment.admission import Admission
from warmstation_server.enrolment.claim import Claim, refused
from warmstation_server.enrolment.record import CommissioningRecord, Issued
from warmstation_server.registry.admitted import admission
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.enrolment_tables import (
    CertificateTable,
    ClaimTable,
    CommissioningTable,
)
from warmstation_server.registry.errors import BadPlace, UnknownStation
from warmstation_server.registry.tables import StationTable

DEVICE = "device"
"""Who writes where a station itself does, with its claim or its key."""


class Enrolments:
    """For any thread. Every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_claim(self, claim: Claim) -> None:
        """Keep a claim; claims of the same station that were not used are over.

        UnknownStation; BadPlace where it is retired.
        """
        with self._session(writes=True) as session:
            _check_serves(session, claim.station_id)
            unused = ClaimTable.used_at.is_(None)
            same = ClaimTable.station_id == claim.station_id
            session.execute(delete(ClaimTable).where(same, unused))
            session.add(_claim_row(claim))
            told = {"until": claim.expires_at.isoformat()}
            _tell(session, Author(claim.created_at), "claimed", claim.station_id, told)

    def redeem(
        self, secret_hash: str, request: str, now: datetime, sign: Callable[[Claim], Issued]
    ) -> Issued:
        """Use a claim for this request; the same request again gets the same certificate."""
        with self._session(writes=True) as session:
            row = session.get(ClaimTable, secret_hash, with_for_update=True)
            if row is None:
                raise refused()
            claim = _claim(row)
            claim.check(request, now)
            if claim.serial is not None:
                return _once_more(session, claim.serial)
            issued = sign(claim)
            row.used_at, row.request, row.serial = now, request, issued.serial
            session.add(_certificate_row(issued))
            _tell(session, Author(now, DEVICE), "enrolled", issued.station_id, _told(issued))
            return issued

    def renewed(self, old: str, request: str, sign: Callable[[], Issued]) -> Issued | None:
        """A further certificate for the holder of serial `old`; None where that is revoked.

        The same key again gets the same certificate: the station did not hear the first answer.
        """
        with self._session(writes=True) as session:
            held = session.get(CertificateTable, old, with_for_update=True)
            if held is None or held.revoked_at is not None:
                return None
            same = select(CertificateTable).where(CertificateTable.request == request)
            known = session.scalars(same.where(CertificateTable.station_id == held.station_id))
            for row in known:
                return None if row.revoked_at is not None else _issued(row)
            issued = sign()
            session.add(_certificate_row(issued))
            _tell(
                session,
                Author(issued.issued_at, DEVICE),
                "renewed",
                issued.station_id,
                _told(issued),
            )
            return issued

    def revoke(self, station_id: str, reason: str, now: datetime) -> tuple[Issued, ...]:
        """Revoke all certificates of a station and void its claims; what was revoked now."""
        with self._session(writes=True) as session:
            _check_station(session, station_id)
            session.execute(delete(ClaimTable).where(ClaimTable.station_id == station_id))
            rows = CertificateTable
            valid = select(rows).where(rows.station_id == station_id, rows.revoked_at.is_(None))
            found = session.scalars(valid.where(rows.not_after > now).with_for_update()).all()
            for row in found:
                row.revoked_at, row.reason = now, reason[:200]
            told = {"certificates": len(found), "reason": reason[:200]}
            _tell(session, Author(now), "revoked", station_id, told)
            return tuple(_issued(row) for row in found)

    def revoked(self, now: datetime) -> tuple[Issued, ...]:
        """All revoked certificates that are not over yet, by serial number."""
        with self._session() as session:
            rows = CertificateTable
            gone = select(rows).where(rows.revoked_at.is_not(None), rows.not_after > now)
            return tuple(_issued(row) for row in session.scalars(gone.order_by(rows.serial)))

    def admission(self, now: datetime) -> Admission:
        """Who may speak at the broker."""
        with self._session() as session:
            return admission(session, now)

    def is_valid(self, serial: str) -> bool:
        """Whether this certificate was issued and is not revoked."""
        with self._session() as session:
            row = session.get(CertificateTable, serial)
            return row is not None and row.revoked_at is None

    def certificates(self, station_id: str) -> tuple[Issued, ...]:
        """All that a station was ever given, the newest first."""
        with self._session() as session:
            rows = CertificateTable
            given = select(rows).where(rows.station_id == station_id)
            newest = given.order_by(rows.issued_at.desc(), rows.serial)
            return tuple(_issued(row) for row in session.scalars(newest))

    def add_commissioning(self, record: CommissioningRecord) -> int:
        """Keep a record, once for each moment at which a station made one; its number."""
        with self._session(writes=True) as session:
            _check_station(session, record.station_id)
            rows = CommissioningTable
            same = select(rows.id).where(rows.station_id == record.station_id)
            known = session.scalar(same.where(rows.made_at == record.made_at))
            if known is not None:
                return known
            row = CommissioningTable(
                station_id=record.station_id,
                made_at=record.made_at,
                received_at=record.received_at,
                passed=record.passed,
                record=record.record,
            )
            session.add(row)
            session.flush()
            author = Author(record.received_at, DEVICE)
            told = {"passed": record.passed}
            _tell(session, author, "commissioned", record.station_id, told)
            return row.id

    def commissionings(self, station_id: str) -> tuple[CommissioningRecord, ...]:
        """A station's records, the newest first."""
        with self._session() as session:
            rows = CommissioningTable
            own = select(rows).where(rows.station_id == station_id).order_by(rows.id.desc())
            return tuple(_commissioning(row) for row in session.scalars(own))

    @contextmanager
    def _session(self, *, writes: bool = False) -> Iterator[Session]:
        with (
            transaction(self._engine, writes=writes) as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            yield session
            session.flush()


def _tell(session: Session, author: Author, what: str, station: str, told: dict[str, Any]) -> None:
    line = author.line(f"device.{what}", station, None, told, place=at_station(station))
    add_entry(session.connection(), line)


def _told(issued: Issued) -> dict[str, Any]:
    return {"serial": issued.serial, "until": issued.not_after.isoformat()}


def _check_station(session: Session, station_id: str) -> None:
    if session.get(StationTable, station_id) is None:
        raise UnknownStation(f"no station has the id {station_id[:80]!r}")


def _check_serves(session: Session, station_id: str) -> None:
    _check_station(session, station_id)
    if session.get_one(StationTable, station_id).retired_at is not None:
        raise BadPlace(f"station {station_id} is retired: warmstation station return {station_id}")


def _once_more(session: Session, serial: str) -> Issued:
    row = session.get(CertificateTable, serial)
    if row is None or row.revoked_at is not None:
        raise refused()
    return _issued(row)


def _claim(row: ClaimTable) -> Claim:
    return Claim(
        row.station_id,
        row.secret_hash,
        row.created_at,
        row.expires_at,
        row.used_at,
        row.request,
        row.serial,
    )


def _claim_row(claim: Claim) -> ClaimTable:
    return ClaimTable(
        secret_hash=claim.secret_hash,
        station_id=claim.station_id,
        created_at=claim.created_at,
        expires_at=claim.expires_at,
    )


def _issued(row: CertificateTable) -> Issued:
    return Issued(
        row.serial,
        row.station_id,
        row.request,
        row.pem,
        row.issued_at,
        row.not_after,
        row.revoked_at,
        row.reason,
    )


def _certificate_row(issued: Issued) -> CertificateTable:
    return CertificateTable(
        serial=issued.serial,
        station_id=issued.station_id,
        request=issued.request,
        pem=issued.pem,
        issued_at=issued.issued_at,
        not_after=issued.not_after,
    )


def _commissioning(row: CommissioningTable) -> CommissioningRecord:
    return CommissioningRecord(
        row.station_id, row.made_at, row.received_at, row.passed, row.record, row.id
    )
