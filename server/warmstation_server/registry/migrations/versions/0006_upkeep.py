"""Supplies, opening by hand, counted visits, answers to riders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """From the schema before."""
    _pars()
    _entries()
    _overrides()
    _visit_counts()
    _answers()


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_a_station(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["station_id"], ["stations.id"], name=f"fk_{table}_station_id_stations"
    )


def _pars() -> None:
    op.create_table(
        "supply_pars",
        _text("station_id", 63),
        _text("item", 63),
        sa.Column("par", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("station_id", "item", name="pk_supply_pars"),
        _of_a_station("supply_pars"),
    )


def _entries() -> None:
    op.create_table(
        "supply_entries",
        sa.Column("id", sa.Integer, nullable=False),
        _text("station_id", 63),
        _text("item", 63),
        _text("kind", 20),
        sa.Column("quantity", sa.Integer, nullable=False),
        _moment("at"),
        _text("by", 100),
        _text("donor", 200),
        sa.Column("expires_on", sa.Date),
        sa.Column("batch", sa.Integer),
        _text("method", 20),
        _text("note", 200),
        sa.PrimaryKeyConstraint("id", name="pk_supply_entries"),
        _of_a_station("supply_entries"),
    )
    op.create_index("ix_supply_entries_station_id_item", "supply_entries", ["station_id", "item"])


def _overrides() -> None:
    op.create_table(
        "station_overrides",
        sa.Column("id", sa.Integer, nullable=False),
        _text("station_id", 63),
        sa.Column("is_open", sa.Boolean, nullable=False),
        _text("reason", 200),
        _moment("since"),
        _moment("until"),
        _text("by", 100),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_station_overrides"),
        _of_a_station("station_overrides"),
    )
    op.create_index("ix_station_overrides_until", "station_overrides", ["until"])
    op.create_index(
        "ix_station_overrides_station_id_since", "station_overrides", ["station_id", "since"]
    )


def _visit_counts() -> None:
    op.create_table(
        "visit_counts",
        sa.Column("id", sa.Integer, nullable=False),
        _text("station_id", 63),
        _text("method", 20),
        sa.Column("visits", sa.Integer, nullable=False),
        _moment("start"),
        _moment("end"),
        _text("by", 100),
        _text("note", 200),
        sa.PrimaryKeyConstraint("id", name="pk_visit_counts"),
        _of_a_station("visit_counts"),
    )
    op.create_index("ix_visit_counts_station_id_start", "visit_counts", ["station_id", "start"])


def _answers() -> None:
    for column in (
        sa.Column("answer", sa.String(500)),
        sa.Column("settled_by", sa.String(100)),
        _moment("settled_at", nullable=True),
        sa.Column("alert_id", sa.String(40)),
    ):
        op.add_column("rider_reports", column)
    op.create_index("ix_rider_reports_settled_at", "rider_reports", ["settled_at"])
