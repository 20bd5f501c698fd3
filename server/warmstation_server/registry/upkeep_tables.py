"""The tables of what people do at a station: supplies, opening by hand, counting heads."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warmstation_server.registry.tables import Table, UtcTime


class SupplyParTable(Table):
    """How many pieces a full shelf holds."""

    __tablename__ = "supply_pars"

    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(63), primary_key=True)
    par: Mapped[int]


class SupplyEntryTable(Table):
    """The ledger of supplies; lines are only added."""

    __tablename__ = "supply_entries"
    __table_args__ = (Index("ix_supply_entries_station_id_item", "station_id", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    item: Mapped[str] = mapped_column(String(63))
    kind: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))
    donor: Mapped[str] = mapped_column(String(200))
    expires_on: Mapped[date | None] = mapped_column(Date)
    batch: Mapped[int | None]
    method: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))


class OverrideTable(Table):
    """Stations opened or closed by hand, those that are over too."""

    __tablename__ = "station_overrides"
    __table_args__ = (Index("ix_station_overrides_station_id_since", "station_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    is_open: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime, index=True)
    by: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class VisitCountTable(Table):
    """Visits counted by people, with the method; a sensor's are in the history."""

    __tablename__ = "visit_counts"
    __table_args__ = (Index("ix_visit_counts_station_id_start", "station_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    method: Mapped[str] = mapped_column(String(20))
    visits: Mapped[int]
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(200))
