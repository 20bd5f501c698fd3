"""Stations that are none any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """From the schema before."""
    op.add_column("stations", sa.Column("retired_at", sa.DateTime(timezone=True)))
    op.add_column("stations", sa.Column("retired_reason", sa.String(200)))
