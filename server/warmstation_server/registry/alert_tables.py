"""The tables of alerts. The notices that they cause are in `notice_tables`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warmstation_server.registry.tables import Table, UtcTime


class AlertTable(Table):
    """An alert as it is or last was. `record` has all of it, the other columns are for queries.

    `is_open`: it is still followed. Pending ones are here too: their time must survive a restart.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_is_open_station", "is_open", "station"),
        Index("ix_alerts_station_since", "station", "since"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    station: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    phase: Mapped[str] = mapped_column(String(20))
    word: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(20))
    assignee: Mapped[str | None] = mapped_column(String(100))
    since: Mapped[datetime] = mapped_column(UtcTime)
    fired_at: Mapped[datetime | None] = mapped_column(UtcTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    is_open: Mapped[bool]
    record: Mapped[str] = mapped_column(Text)


class AlertEntryTable(Table):
    """One transition of an alert: its audit trail, never changed."""

    __tablename__ = "alert_entries"
    __table_args__ = (
        Index("ix_alert_entries_station_at", "station", "at"),
        Index("ix_alert_entries_at", "at"),
    )

    alert_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    station: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcTime)
    since: Mapped[datetime] = mapped_column(UtcTime)
    severity: Mapped[str] = mapped_column(String(20))
    word: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(20))
    is_late: Mapped[bool]
    by: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(500))


class AlertWaitingTable(Table):
    """Conditions of a station that wait for what may have to come before them."""

    __tablename__ = "alert_waiting"

    station: Mapped[str] = mapped_column(String(63), primary_key=True)
    record: Mapped[str] = mapped_column(Text)


class AlertDeskTable(Table):
    """One row: up to when all is decided, and what work is planned."""

    __tablename__ = "alert_desk"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    passed_at: Mapped[datetime] = mapped_column(UtcTime)
    windows: Mapped[str] = mapped_column(Text)
