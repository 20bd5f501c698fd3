"""What riders report about a station, without a login.

A rider's report has no line in the audit log: that says what people with a name did, and nobody is
behind it but a hash that is forgotten after WINDOW. The report itself stays; what staff do with it
has lines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from warmstation_server.registry.errors import BadPlace, TooManyReports, UnknownStation
from warmstation_server.registry.tables import DeploymentTable, RiderReportTable, StationTable

ReportKind = Literal["locked", "cold", "empty", "broken", "other"]
KINDS: tuple[ReportKind, ...] = get_args(ReportKind)
MAX_TEXT = 500
WINDOW = timedelta(minutes=10)
"""How long an address is remembered (as a keyed hash), and what MAX_IN_WINDOW counts in."""
MAX_IN_WINDOW = 10
"""Many riders share the address of their mobile network: this stops floods, not people."""


@dataclass(frozen=True, slots=True)
class RiderReport:
    """What a rider said. `state`: `new` until somebody has dealt with it.

    `answer`: what staff said back, for everybody to read. `alert_id`: what it was merged into.
    """

    id: int
    station_id: str
    kind: str
    text: str
    language: str
    created_at: datetime
    state: str
    answer: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None
    alert_id: str | None = None


def add(
    session: Session,
    station: str,
    kind: str,
    text: str,
    language: str,
    client_address: str,
    now: datetime,
) -> RiderReport:
    """Keep a report; UnknownStation, TooManyReports, BadPlace for a kind that is not known."""
    if kind not in KINDS:
        raise BadPlace(f"a report is one of {', '.join(KINDS)}, not {kind[:40]!r}")
    if session.get(StationTable, station) is None:
        raise UnknownStation(f"no station has the id {station[:80]!r}")
    client = _client(session, client_address)
    _forget_clients(session, now)
    _throttle(session, client, now)
    row = RiderReportTable(
        station_id=station,
        kind=kind,
        text=clean(text),
        language=language[:20],
        created_at=now,
        client=client,
        state="new",
    )
    session.add(row)
    session.flush()
    return report_of(row)


def newest(session: Session, station: str | None, limit: int) -> tuple[RiderReport, ...]:
    """The newest reports first, of one station or of all."""
    query = select(RiderReportTable).order_by(RiderReportTable.id.desc()).limit(limit)
    if station is not None:
        query = query.where(RiderReportTable.station_id == station)
    return tuple(report_of(row) for row in session.scalars(query))


def report_of(row: RiderReportTable) -> RiderReport:
    """As stored."""
    return RiderReport(
        row.id,
        row.station_id,
        row.kind,
        row.text,
        row.language,
        row.created_at,
        row.state,
        row.answer or "",
        row.settled_by or "",
        row.settled_at,
        row.alert_id,
    )


def clean(text: str) -> str:
    """At most MAX_TEXT printable characters and line breaks."""
    return "".join(c for c in text if c.isprintable() or c == "\n").strip()[:MAX_TEXT]


def _client(session: Session, address: str) -> str:
    key = session.scalars(select(DeploymentTable.client_key)).one()
    return hashlib.blake2b(address.encode(), key=bytes.fromhex(key), digest_size=16).hexdigest()


def _forget_clients(session: Session, now: datetime) -> None:
    session.execute(
        update(RiderReportTable)
        .where(RiderReportTable.client.is_not(None), RiderReportTable.created_at < now - WINDOW)
        .values(client=None)
    )


def _throttle(session: Session, client: str, now: datetime) -> None:
    recent = session.scalar(
        select(func.count())
        .select_from(RiderReportTable)
        .where(RiderReportTable.client == client, RiderReportTable.created_at >= now - WINDOW)
    )
    if (recent or 0) >= MAX_IN_WINDOW:
        raise TooManyReports("this address has sent too many reports; try again in ten minutes")
