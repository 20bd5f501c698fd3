"""What became of notices, for staff and metrics."""

from __future__ import annotations

from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warmstation_server.notify.delivery import Delivery, LedgerLine, Unfinished
from warmstation_server.notify.notice import NoticeKind
from warmstation_server.registry.leases import delivery_of
from warmstation_server.registry.notice_tables import (
    AttemptDeliveryTable,
    AttemptTable,
    DeliveryTable,
    NoticeTable,
)


def attempts(session: Session, alert_id: str | None, limit: int) -> tuple[LedgerLine, ...]:
    """The newest first."""
    query = select(AttemptTable).order_by(AttemptTable.id.desc()).limit(limit)
    if alert_id is None:
        return tuple(_line(row) for row in session.scalars(query))
    kinds = _told(session, alert_id)
    rows = session.scalars(query.where(AttemptTable.id.in_(kinds)))
    return tuple(_line(row, kinds[row.id]) for row in rows)


def _told(session: Session, alert_id: str) -> dict[int, tuple[NoticeKind, ...]]:
    """What each attempt told of one alert."""
    links = AttemptDeliveryTable
    query = (
        select(links.attempt_id, NoticeTable.kind)
        .join(DeliveryTable, links.delivery_id == DeliveryTable.id)
        .join(NoticeTable, DeliveryTable.notice_id == NoticeTable.id)
        .where(NoticeTable.alert_id == alert_id)
        .order_by(NoticeTable.id)
    )
    found: dict[int, tuple[NoticeKind, ...]] = {}
    for attempt, kind in session.execute(query):
        found[attempt] = (*found.get(attempt, ()), cast("NoticeKind", kind))
    return found


def unfinished(session: Session, alert_id: str) -> tuple[Unfinished, ...]:
    """The newest first."""
    query = (
        select(DeliveryTable, NoticeTable.kind)
        .join(NoticeTable, DeliveryTable.notice_id == NoticeTable.id)
        .where(NoticeTable.alert_id == alert_id)
        .where(DeliveryTable.state.in_(("waiting", "sending", "dead")))
        .order_by(DeliveryTable.id.desc())
    )
    return tuple(
        Unfinished(row.recipient, row.channel, cast("NoticeKind", kind), row.state, row.due_at)
        for row, kind in session.execute(query)
    )


def in_state(session: Session, state: str, limit: int) -> tuple[Delivery, ...]:
    """The newest first."""
    query = (
        select(DeliveryTable, NoticeTable)
        .join(NoticeTable, DeliveryTable.notice_id == NoticeTable.id)
        .where(DeliveryTable.state == state)
        .order_by(DeliveryTable.id.desc())
        .limit(limit)
    )
    return tuple(delivery_of(row, notice) for row, notice in session.execute(query))


def tally(session: Session) -> dict[str, int]:
    """How many deliveries are in each state."""
    query = select(DeliveryTable.state, func.count().label("number")).group_by(DeliveryTable.state)
    return {row.state: row.number for row in session.execute(query)}


def _line(row: AttemptTable, kinds: tuple[NoticeKind, ...] = ()) -> LedgerLine:
    return LedgerLine(
        message=row.message,
        channel=row.channel,
        recipient=row.recipient,
        notices=row.notices,
        may_repeat=row.may_repeat,
        started_at=row.started_at,
        latency_ms=row.latency_ms,
        outcome=row.outcome,
        vendor_code=row.vendor_code,
        detail=row.detail,
        kinds=kinds,
    )
