"""Alerts of a period are looked for by their time."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """From the schema before."""
    op.create_index("ix_alert_entries_at", "alert_entries", ["at"])
