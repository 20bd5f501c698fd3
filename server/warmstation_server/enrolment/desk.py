"""The enrolment desk: claims in, certificates out. The command line and the web call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from pydantic import ValidationError

from warmstation_server.enrolment import admission, keeping, signing_request, statement
from warmstation_server.enrolment import claim as claims
from warmstation_server.enrolment.admission import Admission
from warmstation_server.enrolment.authority import (
    SERVER_NAME,
    STATION_LIFE,
    Authority,
    Revoked,
    name_of,
    pem,
    serial_of,
)
from warmstation_server.enrolment.claim import Claim
from warmstation_server.enrolment.commissioning import commissioned
from warmstation_server.enrolment.errors import BadSignature
from warmstation_server.enrolment.record import CommissioningRecord, Issued
from warmstation_wire.enrolment import Commissioning, Enrolled, Renewal, Signed

Sign = Callable[[Claim], Issued]


class Enrolments(Protocol):
    """Where claims, certificates and records are kept; the registry has one."""

    def add_claim(self, claim: Claim) -> None:
        """Keep a claim. UnknownStation."""
        ...

    def redeem(self, secret_hash: str, request: str, now: datetime, sign: Sign) -> Issued:
        """Use a claim for this request, in one transaction; the same request gets the same."""
        ...

    def renewed(self, old: str, request: str, sign: Callable[[], Issued]) -> Issued | None:
        """A further certificate for the holder of serial `old`; None where that is revoked."""
        ...

    def revoke(self, station_id: str, reason: str, now: datetime) -> tuple[Issued, ...]:
        """Revoke all certificates and claims of a station; what was revoked now."""
        ...

    def revoked(self, now: datetime) -> tuple[Issued, ...]:
        """All revoked certificates that are not over yet."""
        ...

    def admission(self, now: datetime) -> Admission:
        """Who may speak at the broker."""
        ...

    def is_valid(self, serial: str) -> bool:
        """Whether this certificate was issued and is not revoked."""
        ...

    def add_commissioning(self, record: CommissioningRecord) -> int:
        """Keep a record, once; its number."""
        ...


@dataclass(frozen=True, slots=True)
class Lists:
    """Where the broker's two lists lie: who may speak, and whose certificates are revoked."""

    acl: Path
    revocations: Path


class Desk:
    """Signs for stations. Opens the authority's directory when it is first needed.

    `lists`: a second directory for the broker's lists.
    """

    def __init__(
        self,
        directory: Path,
        store: Enrolments,
        life: timedelta = STATION_LIFE,
        lists: Path | None = None,
    ) -> None:
        self._directory = directory
        self._store = store
        self._life = life
        self._lists = lists

    def claim(self, station_id: str, now: datetime, life: timedelta = claims.LIFE) -> str:
        """A new claim's text, to be told to the installer; only its hash stays here."""
        text = claims.drawn(station_id)
        self._store.add_claim(Claim(station_id, claims.hashed(text), now, now + life))
        self.write_acl(now)
        return text

    def enrol(self, text: str, csr: str, now: datetime) -> Enrolled:
        """A certificate for a claim and a signing request. BadClaim, BadSigningRequest."""
        authority = self.authority(now)
        station_id = text.partition(".")[0]
        key = signing_request.checked(csr, station_id)
        request = signing_request.fingerprint(key)

        def sign(claim: Claim) -> Issued:
            certificate = authority.station(claim.station_id, key, now, self._life)
            return _issued(certificate, request, now)

        issued = self._store.redeem(claims.hashed(text), request, now, sign)
        return _enrolled(issued, authority)

    def renew(self, said: Signed, now: datetime) -> Enrolled:
        """A certificate for the next key of a station that still has a valid one."""
        authority = self.authority(now)
        old = statement.signer(said, authority, now)
        try:
            renewal = Renewal.model_validate_json(said.statement)
        except ValidationError:
            raise BadSignature("this is no statement of a renewal") from None
        station_id = name_of(old)
        key = signing_request.checked(renewal.csr, station_id)
        request = signing_request.fingerprint(key)

        def sign() -> Issued:
            return _issued(authority.station(station_id, key, now, self._life), request, now)

        issued = self._store.renewed(serial_of(old), request, sign)
        if issued is None:
            raise BadSignature("the certificate is revoked: the station needs a new claim")
        return _enrolled(issued, authority)

    def commission(self, said: Signed, now: datetime) -> CommissioningRecord:
        """Keep the commissioning record of a station with a valid certificate."""
        certificate = statement.signer(said, self.authority(now), now)
        if not self._store.is_valid(serial_of(certificate)):
            raise BadSignature("the certificate is revoked")
        try:
            told = Commissioning.model_validate_json(said.statement)
        except ValidationError:
            raise BadSignature("this is no statement of a commissioning") from None
        record = commissioned(told.record, name_of(certificate), now)
        self._store.add_commissioning(record)
        return record

    def revoke(self, station_id: str, reason: str, now: datetime) -> tuple[Issued, ...]:
        """Revoke what a station has, claims included, and write the lists for the broker."""
        found = self._store.revoke(station_id, reason, now)
        self.write_lists(now)
        return found

    def write_lists(self, now: datetime) -> Lists:
        """Both lists for the broker as they must be now."""
        return Lists(self.write_acl(now), self.write_revocations(now))

    def write_acl(self, now: datetime) -> Path:
        """Who may speak at the broker now; written only where it is not so already."""
        text = admission.acl(SERVER_NAME, self._store.admission(now))
        if self._lists is not None:
            keeping.kept(self._lists, keeping.ACL, text, 0o600)
        return keeping.kept(self._directory, keeping.ACL, text)

    def write_revocations(self, now: datetime) -> Path:
        """The revocation list as it must be now; where it lies."""
        listed = (Revoked(int(one.serial, 16), one.revoked_at or now) for one in self._gone(now))
        path = self._directory / keeping.REVOCATIONS
        authority = self.authority(now)
        text = authority.revocations(listed, now)
        if self._lists is not None:
            keeping.kept(self._lists, keeping.REVOCATIONS, text)
        keeping.written(path, text)
        return path

    def authority(self, now: datetime) -> Authority:
        """The deployment's own."""
        return keeping.opened(self._directory, now)

    def _gone(self, now: datetime) -> tuple[Issued, ...]:
        return self._store.revoked(now)


def told(record: CommissioningRecord) -> str:
    """A record as JSON for people and programs."""
    return json.dumps(record.record, ensure_ascii=False, indent=2)


def _issued(certificate: x509.Certificate, request: str, now: datetime) -> Issued:
    return Issued(
        serial=serial_of(certificate),
        station_id=name_of(certificate),
        request=request,
        pem=pem(certificate),
        issued_at=now,
        not_after=certificate.not_valid_after_utc,
    )


def _enrolled(issued: Issued, authority: Authority) -> Enrolled:
    return Enrolled(
        station=issued.station_id,
        certificate=issued.pem,
        authority=authority.pem,
        not_after=issued.not_after,
    )
