"""Sessions and API tokens in their tables: who a key belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.visitor import Session, Visitor
from warmstation_server.registry.account_tables import PersonTable, SessionTable
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction
from warmstation_server.registry.people import person_of

IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)
"""A session ends so long after it was last used, and so long after it began."""
_NOTED_EVERY = timedelta(minutes=5)
_SESSIONS, _PEOPLE = SessionTable.__table__, PersonTable.__table__


class Sessions:
    """Who is signed in. Keys come in hashed. Every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, login: str, key: str, *, address: str, agent: str, now: datetime) -> None:
        """Somebody has shown their password. Sessions that are over are forgotten here."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(delete(SessionTable).where(SessionTable.ends_at <= now))
            connection.execute(
                insert(SessionTable).values(
                    key=key,
                    login=login,
                    created_at=now,
                    seen_at=now,
                    ends_at=now + IDLE,
                    address=address[:64],
                    agent=agent[:200],
                )
            )

    def visitor(self, key: str, now: datetime) -> Visitor | None:
        """Whose session this is, if it is one and its person may still come in."""
        query = (
            select(_PEOPLE, _SESSIONS.c.id, _SESSIONS.c.seen_at, _SESSIONS.c.created_at)
            .join(_SESSIONS, _SESSIONS.c.login == _PEOPLE.c.login)
            .where(_SESSIONS.c.key == key, _SESSIONS.c.ends_at > now, _PEOPLE.c.is_active)
        )
        with transaction(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if now - row.seen_at >= _NOTED_EVERY:
            self._seen(row.id, min(now + IDLE, row[-1] + LONGEST), now)
        return Visitor(person_of(row), session=row.id)

    def of(self, login: str, now: datetime) -> tuple[Session, ...]:
        """Somebody's sessions, the last used first."""
        theirs = (_SESSIONS.c.login == login, _SESSIONS.c.ends_at > now)
        query = select(_SESSIONS).where(*theirs).order_by(_SESSIONS.c.seen_at.desc())
        with transaction(self._engine) as connection:
            return tuple(
                Session(row.id, row.created_at, row.seen_at, row.ends_at, row.address, row.agent)
                for row in connection.execute(query)
            )

    def end(
        self,
        login: str,
        *,
        only: int | None = None,
        but: int | None = None,
        tell: Callable[[int], Entry] | None = None,
    ) -> int:
        """Sign somebody out: everywhere, of one session only, or of all but one; how many.

        `tell`: the line of the audit log about so many.
        """
        with transaction(self._engine, writes=True) as connection:
            count = _ended(connection, login, only, but)
            if tell is not None and count:
                add_entry(connection, tell(count))
            return count

    def _seen(self, session: int, ends_at: datetime, now: datetime) -> None:
        with transaction(self._engine, writes=True) as connection:
            named = SessionTable.id == session
            values = {"seen_at": now, "ends_at": ends_at}
            connection.execute(update(SessionTable).where(named).values(**values))


def _ended(connection: Connection, login: str, only: int | None, but: int | None) -> int:
    theirs = delete(SessionTable).where(SessionTable.login == login)
    if only is not None:
        theirs = theirs.where(SessionTable.id == only)
    if but is not None:
        theirs = theirs.where(SessionTable.id != but)
    return connection.execute(theirs).rowcount
