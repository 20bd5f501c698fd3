"""The tables. Kept in the registry; every change needs a migration beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION_TABLE = "registry_version"
"""Named after us, so that another program's Alembic database is never taken for a registry."""


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC also where the database knows no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a moment without a zone is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Table(DeclarativeBase):
    """Root of the tables; every constraint has a name, so that migrations can find it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RegionTable(Table):
    """The region tree."""

    __tablename__ = "regions"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str | None] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("regions.id"), index=True)


class StationTable(Table):
    """Stations as promised. WGS-84 degrees, degrees Celsius, OpenStreetMap opening_hours."""

    __tablename__ = "stations"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    district: Mapped[str] = mapped_column(String(63), index=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str | None] = mapped_column(String(200))
    lat: Mapped[float] = mapped_column(Double)
    lon: Mapped[float] = mapped_column(Double)
    region_id: Mapped[str] = mapped_column(ForeignKey("regions.id"), index=True)
    hours: Mapped[str] = mapped_column(String(500))
    capacity: Mapped[int]
    host_type: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(300))
    zone: Mapped[str] = mapped_column(String(64))
    target_c: Mapped[float] = mapped_column(Double)
    facilities: Mapped[list[str]] = mapped_column(JSON)
    phone_chargers: Mapped[int]
    ebike_chargers: Mapped[int]
    supplies: Mapped[list[str]] = mapped_column(JSON)
    donors: Mapped[dict[str, str]] = mapped_column(JSON)
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    access_methods: Mapped[list[str]] = mapped_column(JSON)
    simulated: Mapped[bool]
    retired_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """Since when it is none any more; NULL = it is one."""
    retired_reason: Mapped[str | None] = mapped_column(String(200))


class RiderReportTable(Table):
    """What riders said. `client` is a keyed hash, kept only as long as it serves to throttle."""

    __tablename__ = "rider_reports"
    __table_args__ = (Index("ix_rider_reports_client_created_at", "client", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    client: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str | None] = mapped_column(String(500))
    settled_by: Mapped[str | None] = mapped_column(String(100))
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    alert_id: Mapped[str | None] = mapped_column(String(40))


class DeploymentTable(Table):
    """One row: how often the places have changed, and the secret key of the client hashes."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    client_key: Mapped[str] = mapped_column(String(64))
