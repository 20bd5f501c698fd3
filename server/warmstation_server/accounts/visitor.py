"""Who was let in, and by what. Pure; the registry finds them by their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import Node


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in, somewhere."""

    id: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Token:
    """A program may act for somebody: with some of their rights, at some of their places."""

    id: int
    name: str
    rights: frozenset[Right]
    scope: tuple[Node, ...]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person behind a session or a token; a token never widens what its person may do."""

    person: Person
    session: int | None = None
    token: Token | None = None

    @property
    def rights(self) -> frozenset[Right]:
        """What may be done on this visit."""
        rights = self.person.rights
        return rights if self.token is None else rights & self.token.rights

    @property
    def scopes(self) -> tuple[tuple[Node, ...], ...]:
        """A place must lie within each of these."""
        own = (self.person.scope,)
        return own if self.token is None else (*own, self.token.scope)
