"""A seal for each line of the audit log, over all lines before it, for those of before too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from warmstation_server.registry.seals import seal_of

revision = "0009"
down_revision = "0008"

_REFUSAL = "the audit log can only grow"
_LOG = sa.table(
    "audit_log",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String) for name in ("by", "action", "subject", "places")),
    *(sa.column(name, sa.JSON) for name in ("before", "after")),
)
_AT_ONCE = 500


def upgrade() -> None:
    """From the schema before."""
    seals = op.create_table(
        "audit_seals",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_seals"),
        sa.ForeignKeyConstraint(["id"], ["audit_log.id"], name="fk_audit_seals_id_audit_log"),
    )
    _seal(op.get_bind(), seals)
    _append_only(op.get_bind().dialect.name)


def _seal(connection: sa.Connection, seals: sa.Table) -> None:
    last, seal = 0, ""
    while True:
        query = sa.select(_LOG).where(_LOG.c.id > last).order_by(_LOG.c.id).limit(_AT_ONCE)
        made = []
        for line in connection.execute(query):
            last, seal = line.id, seal_of(seal, line)
            made.append({"id": last, "seal": seal})
        if not made:
            return
        connection.execute(sa.insert(seals), made)


def _append_only(dialect: str) -> None:
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_seals_no_{verb.lower()} BEFORE {verb} ON audit_seals "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
    elif dialect == "postgresql":
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER audit_seals_no_{verb.lower()} BEFORE {verb} ON audit_seals "
                f"FOR EACH {each} EXECUTE FUNCTION audit_log_refuse()"
            )
