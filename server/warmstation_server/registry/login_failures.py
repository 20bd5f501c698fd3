"""Failed logins: what throttles guessing. Kept in the database, so a restart forgives nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select

from warmstation_server.registry.account_tables import LoginFailureTable
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.tables import DeploymentTable

WINDOW = timedelta(minutes=15)
MOST_FOR_ACCOUNT = 10
MOST_FROM_ADDRESS = 30
"""More within WINDOW and nobody is let in: an office shares its address, a person has one account.
Kept are keyed hashes, and only as long as they count.
"""
_FAILURES = LoginFailureTable.__table__


class LoginFailures:
    """For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def are_too_many(self, account: str, address: str, now: datetime) -> bool:
        """Whether to refuse without looking at the password."""
        with transaction(self._engine) as connection:
            key = _key(connection)
            since = now - WINDOW
            for_account = _count(connection, "account", _hash(key, account), since)
            from_address = _count(connection, "address", _hash(key, address), since)
        return for_account >= MOST_FOR_ACCOUNT or from_address >= MOST_FROM_ADDRESS

    def add(self, account: str, address: str, now: datetime) -> None:
        """One more; what is older than WINDOW is forgotten."""
        with transaction(self._engine, writes=True) as connection:
            key = _key(connection)
            old = LoginFailureTable.at < now - WINDOW
            connection.execute(delete(LoginFailureTable).where(old))
            values = {"account": _hash(key, account), "address": _hash(key, address)}
            connection.execute(insert(LoginFailureTable).values(**values, at=now))

    def forget(self, account: str) -> None:
        """The right password was shown: what was mistyped before does not count against it."""
        with transaction(self._engine) as connection:
            hashed = _hash(_key(connection), account)
            if not connection.execute(
                select(_FAILURES.c.id).where(_FAILURES.c.account == hashed).limit(1)
            ).first():
                return
        with transaction(self._engine, writes=True) as connection:
            theirs = LoginFailureTable.account == hashed
            connection.execute(delete(LoginFailureTable).where(theirs))


def _count(connection: Connection, column: str, hashed: str, since: datetime) -> int:
    query = select(func.count()).select_from(_FAILURES)
    query = query.where(_FAILURES.c[column] == hashed, _FAILURES.c.at >= since)
    return connection.execute(query).scalar_one()


def _key(connection: Connection) -> bytes:
    return bytes.fromhex(connection.execute(select(DeploymentTable.client_key)).scalar_one())


def _hash(key: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).hexdigest()
