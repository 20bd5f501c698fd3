"""API tokens in their table: keys of programs that act for a person, with less than all rights."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.engine import Row

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import Node
from warmstation_server.accounts.visitor import Token, Visitor
from warmstation_server.registry.account_tables import PersonTable, TokenTable
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.people import person_of

_NOTED_EVERY = timedelta(minutes=5)
_RIGHTS = frozenset(Right)
"""A token made by a newer version may name others; they are not held against it."""
_TOKENS, _PEOPLE = TokenTable.__table__, PersonTable.__table__


class Tokens:
    """Keys come in hashed. Every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, login: str, token: Token, key: str, entry: Entry) -> None:
        """A new token (its `id` is given by the database)."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(
                insert(TokenTable).values(
                    key=key,
                    login=login,
                    name=token.name[:100],
                    rights=sorted(token.rights),
                    scope=[str(node) for node in token.scope],
                    created_at=token.created_at,
                    ends_at=token.ends_at,
                )
            )
            add_entry(connection, entry)

    def visitor(self, key: str, now: datetime) -> Visitor | None:
        """Whose token this is, while it lasts and its person may come in."""
        works = (_TOKENS.c.key == key, _TOKENS.c.ends_at > now, _TOKENS.c.revoked_at.is_(None))
        with transaction(self._engine) as connection:
            row = connection.execute(select(_TOKENS).where(*works)).one_or_none()
            if row is None:
                return None
            named = _PEOPLE.c.login == row.login
            person = person_of(connection.execute(select(_PEOPLE).where(named)).one())
        if not person.is_active:
            return None
        if row.used_at is None or now - row.used_at >= _NOTED_EVERY:
            self._set(row.id, used_at=now)
        return Visitor(person, token=_token(row))

    def of(self, login: str, now: datetime) -> tuple[Token, ...]:
        """Somebody's tokens that still work, the newest first."""
        theirs = (_TOKENS.c.login == login, _TOKENS.c.ends_at > now, _TOKENS.c.revoked_at.is_(None))
        query = select(_TOKENS).where(*theirs).order_by(_TOKENS.c.id.desc())
        with transaction(self._engine) as connection:
            return tuple(_token(row) for row in connection.execute(query))

    def revoke(self, login: str, token: int, now: datetime, entry: Entry) -> None:
        """It works no more; nothing happens where it is not theirs."""
        theirs = (
            TokenTable.login == login,
            TokenTable.id == token,
            TokenTable.revoked_at.is_(None),
        )
        with transaction(self._engine, writes=True) as connection:
            done = connection.execute(update(TokenTable).where(*theirs).values(revoked_at=now))
            if done.rowcount:
                add_entry(connection, entry)

    def _set(self, token: int, **values: object) -> None:
        with transaction(self._engine, writes=True) as connection:
            connection.execute(update(TokenTable).where(TokenTable.id == token).values(**values))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        row.id,
        row.name,
        frozenset(Right(name) for name in row.rights if name in _RIGHTS),
        tuple(Node.parse(text) for text in row.scope),
        row.created_at,
        row.ends_at,
        row.used_at,
    )
