"""Claims on the outbox, in the transaction that they are handed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from warmstation_server.notify.delivery import (
    GIVE_UP,
    SEVERITIES,
    WINDOW,
    Address,
    Batch,
    Claimed,
    Delivery,
    Detour,
    Finished,
    Pace,
    Verdict,
)
from warmstation_server.registry.notice_tables import (
    AttemptDeliveryTable,
    AttemptTable,
    DeliveryTable,
    NoticeTable,
)
from warmstation_server.registry.notices import notice_of

_DUE_AT_ONCE = 600
"""Looked at for one message: more than fit into one, few enough to be quick."""


def claim(
    session: Session,
    channel: str,
    owner: str,
    now: datetime,
    until: datetime,
    detour: Detour | None,
    choose: Callable[[Sequence[Delivery], Pace], Batch | None],
) -> Claimed | None:
    """Lease a batch and open its attempt."""
    _take_back(session, channel, now)
    pace = _pace(session, channel, now)
    if detour is not None and pace.held_until and pace.held_until - now > detour.patience:
        _go_round(session, channel, detour.channel, now)
    batch = choose(_due(session, channel, now), pace)
    if batch is None:
        return None
    overtaken = _overtaken(session, channel, batch.deliveries)
    batch = replace(batch, deliveries=(*batch.deliveries, *overtaken))
    ids = [delivery.id for delivery in batch.deliveries]
    session.execute(
        update(DeliveryTable)
        .where(DeliveryTable.id.in_(ids))
        .values(state="sending", message=batch.message, leased_by=owner, leased_until=until)
    )
    attempt = AttemptTable(
        message=batch.message,
        channel=channel,
        recipient=batch.deliveries[0].recipient,
        notices=len(ids),
        may_repeat=batch.may_repeat,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    session.add_all(AttemptDeliveryTable(attempt_id=attempt.id, delivery_id=id_) for id_ in ids)
    return Claimed(attempt.id, owner, batch, until)


def finish(session: Session, claimed: Claimed, finished: Finished) -> bool:
    """Close the attempt; the deliveries change only where they are still ours."""
    attempt = session.get_one(AttemptTable, claimed.attempt)
    attempt.outcome = finished.outcome
    attempt.vendor_code = finished.vendor_code[:40]
    attempt.detail = finished.detail[:300]
    attempt.latency_ms = finished.latency_ms
    attempt.held_until = finished.held_until
    rows = session.scalars(
        select(DeliveryTable)
        .where(DeliveryTable.message == claimed.batch.message)
        .where(DeliveryTable.leased_by == claimed.owner, DeliveryTable.state == "sending")
        .where(DeliveryTable.id.in_(finished.verdicts))
        .with_for_update()
    ).all()
    for row in rows:
        _settle(session, row, finished.verdicts[row.id])
    return bool(rows)


def delivery(notice_id: int, address: Address, state: str = "waiting") -> DeliveryTable:
    """A new delivery."""
    return DeliveryTable(
        notice_id=notice_id,
        recipient=address.recipient,
        channel=address.channel,
        language=address.language,
        state=state,
        due_at=address.due_at,
        attempts=0,
        may_repeat=address.may_repeat,
    )


def delivery_of(
    row: DeliveryTable, notice: NoticeTable, tried_at: datetime | None = None
) -> Delivery:
    """A delivery as kept."""
    return Delivery(
        id=row.id,
        notice=notice_of(notice),
        recipient=row.recipient,
        channel=row.channel,
        language=row.language,
        attempts=row.attempts,
        may_repeat=row.may_repeat,
        message=row.message,
        tried_at=tried_at,
    )


def _take_back(session: Session, channel: str, now: datetime) -> None:
    """What a dead server was sending may have arrived: it goes again as the same message."""
    rows = DeliveryTable
    session.execute(
        update(rows)
        .where(rows.channel == channel, rows.state == "sending", rows.leased_until < now)
        .values(
            state="waiting",
            may_repeat=True,
            attempts=rows.attempts + 1,
            leased_by=None,
            leased_until=None,
        )
    )


def _go_round(session: Session, channel: str, fallback: str, now: datetime) -> None:
    """Critical notices do not wait for a channel that has to rest."""
    for one in _due(session, channel, now):
        if one.is_critical:
            row = session.get_one(DeliveryTable, one.id)
            address = Address(one.recipient, fallback, one.language, now, one.may_repeat)
            _settle(session, row, Verdict("moved", None, one.attempts, one.may_repeat, address))
    session.flush()


def _due(session: Session, channel: str, now: datetime) -> list[Delivery]:
    rank = case({name: i for i, name in enumerate(SEVERITIES)}, value=NoticeTable.severity)
    tried_at = (
        select(func.min(AttemptTable.started_at))
        .join(AttemptDeliveryTable, AttemptDeliveryTable.attempt_id == AttemptTable.id)
        .where(AttemptDeliveryTable.delivery_id == DeliveryTable.id)
        .where(NoticeTable.at < now - GIVE_UP)
        .correlate(DeliveryTable, NoticeTable)
        .scalar_subquery()
    )
    query = (
        select(DeliveryTable, NoticeTable, tried_at)
        .join(NoticeTable, DeliveryTable.notice_id == NoticeTable.id)
        .where(DeliveryTable.state == "waiting", DeliveryTable.channel == channel)
        .where(DeliveryTable.due_at <= now)
        .order_by(
            (NoticeTable.severity != "critical"),
            # What may have arrived goes first among its equals, all of one message side by side.
            DeliveryTable.message.is_(None),
            DeliveryTable.message,
            rank.desc(),
            DeliveryTable.id,
        )
        .limit(_DUE_AT_ONCE)
        .with_for_update(skip_locked=True, of=DeliveryTable)
    )
    return [delivery_of(row, notice, tried) for row, notice, tried in session.execute(query)]


def _overtaken(session: Session, channel: str, said: Sequence[Delivery]) -> list[Delivery]:
    """What waits and is older than what is said now of the same alert to the same recipient.

    It goes with that: nobody hears after an end, or a graver word, what was before it.
    """
    newest: dict[tuple[str, str, str], int] = {}
    for one in said:
        key = one.notice.alert_id, one.recipient, one.language
        newest[key] = max(one.id, newest.get(key, 0))
    alerts = {alert for alert, _, _ in newest if alert}
    if not alerts:
        return []
    rows = DeliveryTable
    query = (
        select(rows, NoticeTable)
        .join(NoticeTable, rows.notice_id == NoticeTable.id)
        .where(rows.state == "waiting", rows.channel == channel)
        .where(NoticeTable.alert_id.in_(alerts), rows.id.not_in([one.id for one in said]))
        .order_by(rows.id)
        .limit(_DUE_AT_ONCE)
        .with_for_update(skip_locked=True, of=rows)
    )
    found = [delivery_of(row, notice) for row, notice in session.execute(query)]
    keys = ((one.notice.alert_id, one.recipient, one.language) for one in found)
    return [one for one, key in zip(found, keys, strict=True) if one.id < newest.get(key, 0)]


def _pace(session: Session, channel: str, now: datetime) -> Pace:
    rows = AttemptTable
    # A clock that was ahead and is set back has made none in what is now the future.
    ours = rows.channel == channel, rows.started_at < now + WINDOW
    sent = session.scalar(
        select(func.count()).select_from(rows).where(*ours, rows.started_at > now - WINDOW)
    )
    held = session.scalar(select(func.max(rows.held_until)).where(*ours, rows.held_until > now))
    return Pace(sent or 0, held)


def _settle(session: Session, row: DeliveryTable, verdict: Verdict) -> None:
    row.state = verdict.state
    row.attempts = verdict.attempts
    row.may_repeat = verdict.may_repeat
    row.leased_by = row.leased_until = None
    if verdict.due_at is not None:
        row.due_at = verdict.due_at
    if verdict.state == "waiting" and not verdict.may_repeat:
        row.message = None  # it certainly did not arrive: it may go in other company
    if verdict.address is not None and not _is_told(session, row.notice_id, verdict.address):
        session.add(delivery(row.notice_id, verdict.address))


def _is_told(session: Session, notice_id: int, address: Address) -> bool:
    """Whether the notice goes over this channel anyway."""
    query = select(DeliveryTable.id).where(
        DeliveryTable.notice_id == notice_id, DeliveryTable.channel == address.channel
    )
    return session.scalar(query.limit(1)) is not None
