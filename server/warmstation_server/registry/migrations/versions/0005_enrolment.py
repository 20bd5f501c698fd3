"""Claims, certificates and commissioning records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """From the schema before."""
    _claims()
    _certificates()
    _commissionings()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _station(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = f"fk_{table}_station_id_stations"
    return (
        sa.Column("station_id", sa.String(63), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=name),
    )


def _claims() -> None:
    op.create_table(
        "station_claims",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        *_station("station_claims"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.Column("request", sa.String(64)),
        sa.Column("serial", sa.String(40)),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_station_claims"),
    )
    op.create_index("ix_station_claims_station_id", "station_claims", ["station_id"])


def _certificates() -> None:
    op.create_table(
        "station_certificates",
        sa.Column("serial", sa.String(40), nullable=False),
        *_station("station_certificates"),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("pem", sa.Text, nullable=False),
        _moment("issued_at"),
        _moment("not_after"),
        _moment("revoked_at", nullable=True),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("serial", name="pk_station_certificates"),
    )
    op.create_index("ix_station_certificates_station_id", "station_certificates", ["station_id"])
    op.create_index("ix_station_certificates_request", "station_certificates", ["request"])


def _commissionings() -> None:
    op.create_table(
        "commissionings",
        sa.Column("id", sa.Integer, nullable=False),
        *_station("commissionings"),
        _moment("made_at"),
        _moment("received_at"),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_commissionings"),
    )
    op.create_index("ix_commissionings_station_id", "commissionings", ["station_id"])
