"""Regions, stations, rider reports."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    _regions()
    _stations()
    _rider_reports()
    _deployment()


def _regions() -> None:
    op.create_table(
        "regions",
        sa.Column("id", sa.String(63), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200)),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("parent_id", sa.String(63)),
        sa.PrimaryKeyConstraint("id", name="pk_regions"),
        sa.ForeignKeyConstraint(["parent_id"], ["regions.id"], name="fk_regions_parent_id_regions"),
    )
    op.create_index("ix_regions_parent_id", "regions", ["parent_id"])


def _stations() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.String(63), nullable=False),
        sa.Column("district", sa.String(63), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200)),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("region_id", sa.String(63), nullable=False),
        sa.Column("hours", sa.String(500), nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("host_type", sa.String(40), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("target_c", sa.Double, nullable=False),
        sa.Column("facilities", sa.JSON, nullable=False),
        sa.Column("phone_chargers", sa.Integer, nullable=False),
        sa.Column("ebike_chargers", sa.Integer, nullable=False),
        sa.Column("supplies", sa.JSON, nullable=False),
        sa.Column("donors", sa.JSON, nullable=False),
        sa.Column("contact_phone", sa.String(40)),
        sa.Column("access_methods", sa.JSON, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name="fk_stations_region_id_regions"
        ),
    )
    op.create_index("ix_stations_district", "stations", ["district"])
    op.create_index("ix_stations_region_id", "stations", ["region_id"])


def _rider_reports() -> None:
    op.create_table(
        "rider_reports",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("station_id", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.String(64)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rider_reports"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_rider_reports_station_id_stations"
        ),
    )
    op.create_index("ix_rider_reports_station_id", "rider_reports", ["station_id"])
    op.create_index("ix_rider_reports_created_at", "rider_reports", ["created_at"])
    op.create_index("ix_rider_reports_client_created_at", "rider_reports", ["client", "created_at"])


def _deployment() -> None:
    deployment = op.create_table(
        "deployment",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("client_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment"),
        sa.CheckConstraint("id = 1", name="ck_deployment_one_row"),
    )
    op.bulk_insert(deployment, [{"id": 1, "revision": 0, "client_key": secrets.token_hex(32)}])
