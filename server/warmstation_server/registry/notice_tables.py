"""The tables of delivery: notices, to whom each goes, and a ledger of every attempt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warmstation_server.registry.tables import Table, UtcTime


class NoticeTable(Table):
    """What is to be told. `key` is unique: the same notice is never kept twice."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_key", "key", unique=True),
        Index("ix_notices_routed_at_id", "routed_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    alert_id: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    station: Mapped[str] = mapped_column(String(63))
    station_name_zh: Mapped[str] = mapped_column(String(200))
    station_name_en: Mapped[str | None] = mapped_column(String(200))
    tier: Mapped[str] = mapped_column(String(20))
    region_id: Mapped[str] = mapped_column(String(63))
    title_zh: Mapped[str] = mapped_column(String(500))
    title_en: Mapped[str | None] = mapped_column(String(500))
    advice_zh: Mapped[str | None] = mapped_column(String(2000))
    advice_en: Mapped[str | None] = mapped_column(String(2000))
    since: Mapped[datetime] = mapped_column(UtcTime)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    evidence: Mapped[dict[str, float | str]] = mapped_column(JSON)
    routed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DeliveryTable(Table):
    """One notice to one recipient over one channel.

    `state`: waiting, sending, delivered, moved (to the fallback channel) or dead. `message`: the
    message that carries it while it is sending, and for good where that may have arrived.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_notice_id_recipient_channel",
            "notice_id",
            "recipient",
            "channel",
            unique=True,
        ),
        Index("ix_deliveries_state_channel_due_at", "state", "channel", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    recipient: Mapped[str] = mapped_column(String(100))
    channel: Mapped[str] = mapped_column(String(63))
    language: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int]
    may_repeat: Mapped[bool]
    message: Mapped[str | None] = mapped_column(String(64), index=True)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcTime)


class AttemptTable(Table):
    """One message handed to a vendor; `outcome` is empty while, or if for ever, nobody knows."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (Index("ix_delivery_attempts_channel_started_at", "channel", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(63))
    recipient: Mapped[str] = mapped_column(String(100))
    notices: Mapped[int]
    may_repeat: Mapped[bool]
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    latency_ms: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    vendor_code: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(300))
    held_until: Mapped[datetime | None] = mapped_column(UtcTime)


class AttemptDeliveryTable(Table):
    """Which deliveries a message carried."""

    __tablename__ = "attempt_deliveries"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("delivery_attempts.id"), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id"), primary_key=True, index=True
    )
