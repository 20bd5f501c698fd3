"""People, sessions, tokens, failed logins, and the audit log that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_REFUSAL = "the audit log can only grow"


def upgrade() -> None:
    """From the schema before."""
    _people()
    _sessions()
    _tokens()
    _login_failures()
    _audit_log()
    _append_only()


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _people() -> None:
    op.create_table(
        "people",
        _text("login", 63),
        _text("name", 100),
        _text("role", 20),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        _text("language", 20),
        _text("password", 200),
        _moment("created_at"),
        _moment("password_at"),
        sa.PrimaryKeyConstraint("login", name="pk_people"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, nullable=False),
        _text("key", 64),
        _text("login", 63),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("ends_at"),
        _text("address", 64),
        _text("agent", 200),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("key"),
        sa.ForeignKeyConstraint(["login"], ["people.login"], name="fk_sessions_login_people"),
    )
    op.create_index("ix_sessions_login", "sessions", ["login"])
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        _text("key", 64),
        _text("login", 63),
        _text("name", 100),
        sa.Column("rights", sa.JSON, nullable=False),
        sa.Column("scope", sa.JSON, nullable=False),
        _moment("created_at"),
        _moment("ends_at"),
        _moment("used_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("key"),
        sa.ForeignKeyConstraint(["login"], ["people.login"], name="fk_tokens_login_people"),
    )
    op.create_index("ix_tokens_login", "tokens", ["login"])


def _login_failures() -> None:
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer, nullable=False),
        _text("account", 64),
        _text("address", 64),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_account_at", "login_failures", ["account", "at"])
    op.create_index("ix_login_failures_address_at", "login_failures", ["address", "at"])
    op.create_index("ix_login_failures_at", "login_failures", ["at"])


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, nullable=False),
        _moment("at"),
        _text("by", 100),
        _text("action", 80),
        _text("subject", 200),
        _text("places", 2000),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    op.create_index("ix_audit_log_action", "audit_log", ["action"])


def _append_only() -> None:
    """Whoever holds the database's password can still drop the trigger: that is seen, at least."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log "
                f"FOR EACH {each} EXECUTE FUNCTION audit_log_refuse()"
            )
