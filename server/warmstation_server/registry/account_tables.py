"""The tables of people, their sessions and tokens, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warmstation_server.registry.tables import Table, UtcTime

PLACES_LENGTH = 2000
"""Characters of nodes as text in a line of the audit log."""


class PersonTable(Table):
    """Who has an account. `scope`: nodes as text. `password`: its argon2 hash."""

    __tablename__ = "people"

    login: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool]
    language: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    password_at: Mapped[datetime] = mapped_column(UtcTime)


class SessionTable(Table):
    """Who is signed in from where. `key`: the hash of what the browser holds."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    login: Mapped[str] = mapped_column(ForeignKey("people.login"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))


class TokenTable(Table):
    """Keys of programs, narrower than their person. `key`: the hash of the token."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    login: Mapped[str] = mapped_column(ForeignKey("people.login"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    rights: Mapped[list[str]] = mapped_column(JSON)
    scope: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class LoginFailureTable(Table):
    """Failed logins, as keyed hashes of account and address, kept as long as they throttle."""

    __tablename__ = "login_failures"
    __table_args__ = (
        Index("ix_login_failures_account_at", "account", "at"),
        Index("ix_login_failures_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class AuditTable(Table):
    """Every write by a person. The database itself refuses to change or delete a row."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    by: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    places: Mapped[str] = mapped_column(String(PLACES_LENGTH))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)


class AuditSealTable(Table):
    """The seal of each line of the audit log; grows with it, in the same transaction."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(
        ForeignKey("audit_log.id"), primary_key=True, autoincrement=False
    )
    seal: Mapped[str] = mapped_column(String(64))
