"""The outbox of notices and the ledger of their delivery. The drain of notify works on it.

Several servers may work on one registry: whatever is claimed is leased, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine, Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from warmstation_server.notify.delivery import (
    NOBODY,
    TO_ALL,
    Address,
    Batch,
    Claimed,
    Delivery,
    Detour,
    Finished,
    LedgerLine,
    Pace,
    Unfinished,
)
from warmstation_server.notify.notice import Notice
from warmstation_server.registry import leases, ledger
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.notice_tables import (
    AttemptDeliveryTable,
    AttemptTable,
    DeliveryTable,
    NoticeTable,
)
from warmstation_server.registry.notices import add_notices, notice_of

Choose = Callable[[Sequence[Delivery], Pace], Batch | None]
"""Out of what is due on a channel, what goes now; it must be pure, it runs in a transaction."""
Decide = Callable[[Notice, Sequence[Address]], Sequence[Address] | None]
"""Where a notice goes; empty for nowhere on purpose, None where nobody is there to be told.

It is also handed who was told of the alert before, where that is whom it goes to.
"""

_AT_ONCE = 200


class Notifications:
    """For any thread. Every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, notices: Iterable[Notice]) -> int:
        """Keep notices in a transaction of their own; how many are new."""
        with self._session(writes=True) as session:
            return add_notices(session.connection(), notices)

    def has_unrouted(self) -> bool:
        """Whether a notice waits to be given its recipients; cheap."""
        with self._session() as session:
            return session.scalar(_unrouted(1)) is not None

    def route(self, decide: Decide, now: datetime) -> tuple[Notice, ...]:
        """Give the oldest new notices their deliveries; those that nobody takes are returned."""
        with self._session(writes=True) as session:
            rows = session.scalars(_unrouted(_AT_ONCE).with_for_update(skip_locked=True)).all()
            unheard = [row for row in rows if not _route(session, row, decide, now)]
            return tuple(notice_of(row) for row in unheard)

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """Channels on which something is due or was left by a server that died; cheap."""
        with self._session() as session:
            rows = DeliveryTable
            due = and_(rows.state == "waiting", rows.due_at <= now)
            left = and_(rows.state == "sending", rows.leased_until < now)
            query = select(rows.channel).where(or_(due, left)).distinct().order_by(rows.channel)
            return tuple(session.scalars(query))

    def claim(
        self,
        channel: str,
        owner: str,
        now: datetime,
        lease: timedelta,
        choose: Choose,
        detour: Detour | None = None,
    ) -> Claimed | None:
        """Lease what `choose` takes and open its attempt in the ledger."""
        with self._session(writes=True) as session:
            return leases.claim(session, channel, owner, now, now + lease, detour, choose)

    def finish(self, claimed: Claimed, finished: Finished) -> bool:
        """Write an attempt's end; False where the lease was lost: then only the ledger knows."""
        with self._session(writes=True) as session:
            add_notices(session.connection(), finished.notices)
            return leases.finish(session, claimed, finished)

    def attempts(self, alert_id: str | None = None, limit: int = 200) -> tuple[LedgerLine, ...]:
        """The newest attempts first, of one alert or of all."""
        with self._session() as session:
            return ledger.attempts(session, alert_id, limit)

    def unfinished(self, alert_id: str) -> tuple[Unfinished, ...]:
        """What of one alert is not told yet, or was given up; the newest first."""
        with self._session() as session:
            return ledger.unfinished(session, alert_id)

    def dead(self, limit: int = 200) -> tuple[Delivery, ...]:
        """The newest deliveries that were given up."""
        with self._session() as session:
            return ledger.in_state(session, "dead", limit)

    def tally(self) -> dict[str, int]:
        """How many deliveries are in each state."""
        with self._session() as session:
            return ledger.tally(session)

    def forget(self, before: datetime) -> int:
        """Drop notices said before then that nothing waits for; how many.

        A few at a time, so that nobody waits long for the registry: call until it returns 0.
        """
        with self._session(writes=True) as session:
            return _forget(session, before)

    @contextmanager
    def _session(self, *, writes: bool = False) -> Iterator[Session]:
        with (
            transaction(self._engine, writes=writes) as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            yield session
            session.flush()


def _unrouted(limit: int) -> Select[NoticeTable]:
    return (
        select(NoticeTable)
        .where(NoticeTable.routed_at.is_(None))
        .order_by(NoticeTable.id)
        .limit(limit)
    )


def _route(session: Session, row: NoticeTable, decide: Decide, now: datetime) -> bool:
    row.routed_at = now
    addresses = decide(notice_of(row), _told(session, row) if row.kind in TO_ALL else ())
    if addresses is None:
        nobody = Address(NOBODY, "", "", now)
        session.add(leases.delivery(row.id, nobody, state="dead"))
        return False
    session.add_all(leases.delivery(row.id, address) for address in addresses)
    return True


def _told(session: Session, row: NoticeTable) -> list[Address]:
    """Who was told of this alert, or will be: each over each channel once, in order."""
    rows = DeliveryTable
    query = (
        select(rows.recipient, rows.channel, rows.language)
        .join(NoticeTable, rows.notice_id == NoticeTable.id)
        .where(NoticeTable.alert_id == row.alert_id, rows.notice_id != row.id)
        .where(rows.state.in_(("waiting", "sending", "delivered", "moved")))
        .order_by(rows.id)
    )
    found = dict.fromkeys((who, channel, said) for who, channel, said in session.execute(query))
    return [Address(who, channel, said, row.at) for who, channel, said in found]


def _forget(session: Session, before: datetime) -> int:
    busy = select(DeliveryTable.notice_id).where(DeliveryTable.state.in_(("waiting", "sending")))
    old = select(NoticeTable.id).where(NoticeTable.at < before).where(NoticeTable.id.not_in(busy))
    gone = list(session.scalars(old.limit(_AT_ONCE)))
    deliveries = select(DeliveryTable.id).where(DeliveryTable.notice_id.in_(gone))
    links = AttemptDeliveryTable
    session.execute(delete(links).where(links.delivery_id.in_(deliveries)))
    session.execute(delete(DeliveryTable).where(DeliveryTable.notice_id.in_(gone)))
    session.execute(delete(NoticeTable).where(NoticeTable.id.in_(gone)))
    used = select(links.attempt_id)
    session.execute(
        delete(AttemptTable).where(AttemptTable.started_at < before, AttemptTable.id.not_in(used))
    )
    return len(gone)
