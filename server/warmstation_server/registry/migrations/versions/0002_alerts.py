"""Alerts, their history, and what the desk remembers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From the schema before."""
    _alerts()
    _entries()
    _desk()


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _alerts() -> None:
    op.create_table(
        "alerts",
        _text("id", 40),
        _text("station", 63),
        _text("name", 80),
        _text("subject", 80),
        _text("phase", 20),
        _text("word", 20),
        _text("severity", 20),
        _text("tier", 20),
        sa.Column("assignee", sa.String(100)),
        _moment("since"),
        _moment("fired_at", nullable=True),
        _moment("resolved_at", nullable=True),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_is_open_station", "alerts", ["is_open", "station"])
    op.create_index("ix_alerts_station_since", "alerts", ["station", "since"])
    op.create_index("ix_alerts_resolved_at", "alerts", ["resolved_at"])


def _entries() -> None:
    op.create_table(
        "alert_entries",
        _text("alert_id", 40),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _text("station", 63),
        _text("name", 80),
        _text("subject", 80),
        _text("kind", 40),
        _moment("at"),
        _moment("since"),
        _text("severity", 20),
        _text("word", 20),
        _text("tier", 20),
        sa.Column("is_late", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(100)),
        _text("note", 500),
        sa.PrimaryKeyConstraint("alert_id", "number", name="pk_alert_entries"),
    )
    op.create_index("ix_alert_entries_station_at", "alert_entries", ["station", "at"])


def _desk() -> None:
    op.create_table(
        "alert_waiting",
        _text("station", 63),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("station", name="pk_alert_waiting"),
    )
    op.create_table(
        "alert_desk",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        _moment("passed_at"),
        sa.Column("windows", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_desk"),
        sa.CheckConstraint("id = 1", name="ck_alert_desk_one_row"),
    )
