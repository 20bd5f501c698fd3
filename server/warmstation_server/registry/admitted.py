"""Which stations may speak at the broker, as the tables say. For enrolments.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from warmstation_server.enrolment.admission import Admission
from warmstation_server.registry.enrolment_tables import CertificateTable, ClaimTable
from warmstation_server.registry.tables import StationTable


def admission(session: Session, now: datetime) -> Admission:
    """Stations with a valid certificate or an open claim, and those that had one once.

    One that is retired has no say, whatever it holds; its certificate stays valid, so that nobody
    has to go there where it is brought back next winter.
    """
    id_, certificate, claim = StationTable.id, CertificateTable, ClaimTable
    given = exists().where(certificate.station_id == id_)
    valid = given.where(certificate.revoked_at.is_(None), certificate.not_after > now)
    is_open = exists().where(claim.station_id == id_, claim.used_at.is_(None))
    serves = StationTable.retired_at.is_(None)
    may = serves & (valid | is_open.where(claim.expires_at > now))
    admitted = session.execute(select(id_, StationTable.district).where(may))
    barred = session.scalars(select(id_).where(given, ~may))
    return Admission(dict(iter(admitted)), frozenset(barred))
