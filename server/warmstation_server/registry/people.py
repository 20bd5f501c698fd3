"""People in their table; every change is in the audit log in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.engine import Row

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.errors import BadAccount
from warmstation_server.accounts.person import LOGIN, Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import Node
from warmstation_server.registry.account_tables import PersonTable, SessionTable
from warmstation_server.registry.audit import add_entry
from warmstation_server.registry.engine import transaction

_PEOPLE = PersonTable.__table__


class People:
    """Who has an account. For any thread; every method may raise RegistryAway."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[Person, ...]:
        """Everybody, by login; disabled ones too."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(_PEOPLE).order_by(_PEOPLE.c.login))
            return tuple(person_of(row) for row in rows)

    def find(self, login: str) -> Person | None:
        """One person."""
        with transaction(self._engine) as connection:
            return _found(connection, login)

    def password_of(self, login: str) -> str | None:
        """The hash of somebody's password; None for nobody and for the disabled."""
        query = select(_PEOPLE.c.password).where(_PEOPLE.c.login == login, _PEOPLE.c.is_active)
        with transaction(self._engine) as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
            return found

    def add(self, person: Person, password: str, *, by: str, now: datetime) -> None:
        """A new account with the hash of its password; BadAccount where the login is taken."""
        _check(person)
        with transaction(self._engine, writes=True) as connection:
            if _found(connection, person.login) is not None:
                raise BadAccount(f"the login {person.login} is taken")
            values = _values(person) | {"login": person.login, "password": password}
            connection.execute(
                insert(PersonTable).values(**values, created_at=now, password_at=now)
            )
            add_entry(connection, _entry("person.added", None, person, by, now))

    def change(self, person: Person, *, by: str, now: datetime) -> None:
        """Role, scope, name, language, disabled or not; a disabled person is signed out at once."""
        _check(person)
        with transaction(self._engine, writes=True) as connection:
            before = _known(connection, person.login)
            if before == person:
                return
            named = PersonTable.login == person.login
            connection.execute(update(PersonTable).where(named).values(**_values(person)))
            if not person.is_active:
                _sign_out(connection, person.login)
            add_entry(connection, _entry("person.changed", before, person, by, now))

    def set_password(
        self, login: str, password: str, *, by: str, now: datetime, but: int | None = None
    ) -> None:
        """A new hash; every session of this person ends, `but` one may be kept."""
        with transaction(self._engine, writes=True) as connection:
            person = _known(connection, login)
            named = PersonTable.login == login
            values = {"password": password, "password_at": now}
            connection.execute(update(PersonTable).where(named).values(**values))
            _sign_out(connection, login, but)
            add_entry(connection, Entry(now, by, "person.password", login, places=person.scope))


def person_of(row: Row[tuple[object, ...]]) -> Person:
    """A person from a row of the table."""
    return Person(
        row.login,
        row.name,
        Role(row.role),
        tuple(Node.parse(text) for text in row.scope),
        row.is_active,
        row.language,
    )


def _found(connection: Connection, login: str) -> Person | None:
    row = connection.execute(select(_PEOPLE).where(_PEOPLE.c.login == login)).one_or_none()
    return None if row is None else person_of(row)


def _known(connection: Connection, login: str) -> Person:
    person = _found(connection, login)
    if person is None:
        raise BadAccount(f"nobody has the login {login[:63]!r}")
    return person


def _check(person: Person) -> None:
    if not LOGIN.fullmatch(person.login):
        raise BadAccount("a login has 2 to 63 of a-z 0-9 . _ - and begins with a letter or digit")
    if not 0 < len(person.name) <= 100:
        raise BadAccount("a name has 1 to 100 characters")
    if not person.scope:
        raise BadAccount("a person needs at least one place: * or region:ID or station:ID")


def _sign_out(connection: Connection, login: str, but: int | None = None) -> None:
    theirs = delete(SessionTable).where(SessionTable.login == login)
    connection.execute(theirs if but is None else theirs.where(SessionTable.id != but))


def _values(person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "role": person.role.value,
        "scope": [str(node) for node in person.scope],
        "is_active": person.is_active,
        "language": person.language,
    }


def _entry(action: str, before: Person | None, after: Person, by: str, now: datetime) -> Entry:
    was = None if before is None else _values(before)
    return Entry(now, by, action, after.login, was, _values(after), after.scope)
