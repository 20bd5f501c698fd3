"""Opens the database: one engine a process, and errors as sentences. For this room only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from warmstation_server.registry.errors import RegistryAway, RegistryError, RegistryForeign

_POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A database that falls silent is away after half a minute at most, not after the kernel's hours
(libpq, "Database Connection Control Functions"). An address may say otherwise."""
BUSY_S = 15.0
"""How long a writer waits for another one: a whole import of a city takes less."""
_CUT_OFF_S = 60.0
"""A writer that lost its power in the midst of a transaction holds the others up no longer."""
_TURN = 0x77617266
"""PostgreSQL's number of the lock that writers take (`pg_advisory_xact_lock`), ours alone."""


def url_of(path_or_url: str | Path) -> URL:
    """A path means an SQLite file; anything with `://` is a database URL."""
    text = str(path_or_url)
    if isinstance(path_or_url, str) and "://" in text:
        try:
            return make_url(text)
        except ArgumentError:
            raise RegistryAway(f"{text!r} is not a database URL") from None
    return URL.create("sqlite", database=text)


def engine_for(url: URL) -> Engine:
    """The engine for a URL; RegistryAway where its driver is missing or its place is unusable."""
    try:
        engine = create_engine(url, **_options(url))
    except (ImportError, SQLAlchemyError):
        raise RegistryAway(
            f"there is no driver for {url.drivername} databases here: an address begins with "
            "sqlite:/// or postgresql+psycopg://"
        ) from None
    if engine.dialect.name == "sqlite":
        _prepare_directory(url)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    else:
        event.listen(engine, "connect", _on_connect_to_server)
        event.listen(engine, "begin", _on_begin_at_server)
    return engine


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "postgresql":
        return {}
    asked = {key: value for key, value in _POSTGRESQL.items() if key not in url.query}
    # A connection that the database let go of while it lay idle is seen before it is used.
    return {"connect_args": asked, "pool_pre_ping": True}


@contextmanager
def transaction(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """One transaction; a writing one takes its turn at once, so that it cannot fail half-way.

    Writers of all servers come one after the other, in SQLite as in PostgreSQL: what one has read
    is so until it has written.
    """
    with sentences(engine.url), engine.connect() as connection:
        connection = connection.execution_options(writes=writes)
        with connection.begin():
            yield connection


@contextmanager
def sentences(url: URL) -> Iterator[None]:
    """Turns the database's errors into ours."""
    try:
        yield
    except RegistryError:
        raise
    except DBAPIError as error:
        cause = str(error.orig).splitlines()[0] if str(error.orig) else type(error).__name__
        if "not a database" in cause or "malformed" in cause:
            raise RegistryForeign(f"{shown(url)} is not a registry: {cause}") from error
        if "unable to open" in cause or "readonly" in cause:
            cause += "; the file and its directory must be writable"
        raise RegistryAway(f"the registry {shown(url)} cannot be used: {cause}") from error


def reach(path_or_url: str | Path) -> None:
    """See that the database answers; nothing is made or brought to this version's schema."""
    url = url_of(path_or_url)
    is_file = url.get_backend_name() == "sqlite"
    if is_file and url.database and not Path(url.database).exists():
        return  # made by the first start
    engine = engine_for(url)
    try:
        with transaction(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
    finally:
        engine.dispose()


def without_password(path_or_url: str) -> str:
    """The URL as it may be shown."""
    return url_of(path_or_url).render_as_string(hide_password=True)


def shown(url: URL) -> str:
    """The URL for people: the file, or the address without its password."""
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else url.render_as_string(hide_password=True)


def _prepare_directory(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise RegistryAway("a registry needs a file: one in memory would be lost")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RegistryAway(f"the registry {path} cannot be made: {error.strerror}") from None
    if path.is_dir():
        raise RegistryAway(f"the registry {path} is a directory; name a file in it")


def _on_connect(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # transactions begin where SQLAlchemy says, not at the first write
    raw.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
    raw.execute("PRAGMA foreign_keys = ON")
    mode = raw.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        raw.execute("PRAGMA journal_mode = WAL")


def _on_connect_to_server(raw: Any, _entry: ConnectionPoolEntry) -> None:
    with raw.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {int(BUSY_S * 1000)}")
    raw.commit()


def _on_begin_at_server(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
        connection.exec_driver_sql(
            f"SET LOCAL idle_in_transaction_session_timeout = {int(_CUT_OFF_S * 1000)}"
        )


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
