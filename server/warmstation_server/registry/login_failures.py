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

    def may_try(self, account: str, address: str, now: datetime) -> bool:
        """Whether to look at the password at all; the attempt counts until `forget`.

        Counted before it is looked at, in one transaction: many guesses at once are many guesses.
        """
        with transaction(self._engine, writes=True) as connection:
            key, since = _key(connection, is_held=True), now - WINDOW
            values = {"account": _hash(key, account), "address": _hash(key, address)}
            connection.execute(delete(LoginFailureTable).where(LoginFailureTable.at < since))
            limits = (("account", MOST_FOR_ACCOUNT), ("address", MOST_FROM_ADDRESS))
            if any(_count(connection, name, values[name]) >= most for name, most in limits):
                return False
            connection.execute(insert(LoginFailureTable).values(**values, at=now))
            return True

    def forget(self, account: str) -> None:
        """The right password was shown: what was mistyped before does not count against it."""
        with transaction(self._engine, writes=True) as connection:
            theirs = LoginFailureTable.account == _hash(_key(connection), account)
            connection.execute(delete(LoginFailureTable).where(theirs))


def _count(connection: Connection, column: str, hashed: str) -> int:
    query = select(func.count()).select_from(_FAILURES).where(_FAILURES.c[column] == hashed)
    return connection.execute(query).scalar_one()


def _key(connection: Connection, *, is_held: bool = False) -> bytes:
    """The deployment's; `is_held`: others who want it so wait for the end of the transaction."""
    query = select(DeploymentTable.client_key)
    found = connection.execute(query.with_for_update() if is_held else query).scalar_one()
    return bytes.fromhex(found)


def _hash(key: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).hexdigest()
