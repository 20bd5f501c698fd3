"""Notices, deliveries, and the ledger of attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From the schema before."""
    _notices()
    _deliveries()
    _attempts()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("alert_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("station", sa.String(63), nullable=False),
        sa.Column("station_name_zh", sa.String(200), nullable=False),
        sa.Column("station_name_en", sa.String(200)),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("region_id", sa.String(63), nullable=False),
        sa.Column("title_zh", sa.String(500), nullable=False),
        sa.Column("title_en", sa.String(500)),
        sa.Column("advice_zh", sa.String(2000)),
        sa.Column("advice_en", sa.String(2000)),
        _moment("since", nullable=False),
        _moment("at", nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        _moment("routed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_key", "notices", ["key"], unique=True)
    op.create_index("ix_notices_alert_id", "notices", ["alert_id"])
    op.create_index("ix_notices_at", "notices", ["at"])
    op.create_index("ix_notices_routed_at_id", "notices", ["routed_at", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("notice_id", sa.Integer, nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(63), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("may_repeat", sa.Boolean, nullable=False),
        sa.Column("message", sa.String(64)),
        sa.Column("leased_by", sa.String(64)),
        _moment("leased_until"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_deliveries_notice_id_notices"
        ),
    )
    op.create_index(
        "ix_deliveries_notice_id_recipient_channel",
        "deliveries",
        ["notice_id", "recipient", "channel"],
        unique=True,
    )
    op.create_index(
        "ix_deliveries_state_channel_due_at", "deliveries", ["state", "channel", "due_at"]
    )
    op.create_index("ix_deliveries_message", "deliveries", ["message"])


def _attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(63), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("notices", sa.Integer, nullable=False),
        sa.Column("may_repeat", sa.Boolean, nullable=False),
        _moment("started_at", nullable=False),
        sa.Column("latency_ms", sa.Integer),
        sa.Column("outcome", sa.String(20)),
        sa.Column("vendor_code", sa.String(40)),
        sa.Column("detail", sa.String(300)),
        _moment("held_until"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
    )
    op.create_index("ix_delivery_attempts_message", "delivery_attempts", ["message"])
    op.create_index(
        "ix_delivery_attempts_channel_started_at", "delivery_attempts", ["channel", "started_at"]
    )
    op.create_table(
        "attempt_deliveries",
        sa.Column("attempt_id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "delivery_id", name="pk_attempt_deliveries"),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["delivery_attempts.id"],
            name="fk_attempt_deliveries_attempt_id_delivery_attempts",
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_attempt_deliveries_delivery_id_deliveries"
        ),
    )
    op.create_index("ix_attempt_deliveries_delivery_id", "attempt_deliveries", ["delivery_id"])
