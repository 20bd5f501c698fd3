"""Brings a database to the schema of this version. Called when a registry is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from warmstation_server.registry.engine import shown, transaction
from warmstation_server.registry.errors import RegistryForeign
from warmstation_server.registry.tables import VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0010"
"""The newest migration; a test keeps it true."""


def to_head(engine: Engine) -> None:
    """Migrate where needed; several processes may do so at once, the first one does the work."""
    with transaction(engine) as connection:
        if version(connection) == HEAD:
            return
    with transaction(engine, writes=True) as connection:
        found = version(connection)
        if found == HEAD:
            return
        if found is not None:
            _refuse_unknown(found, shown(engine.url))
        to_revision(connection, "head")


def to_revision(connection: Connection, revision: str) -> None:
    """Migrate up to a revision, inside this transaction; RegistryForeign for a newer one."""
    if revision != "head":
        _refuse_unknown(revision, "this registry")
    from alembic import command  # a quarter of a second that only a new schema needs

    command.upgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to know; it works inside the transaction that it is handed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _refuse_unknown(revision: str, what: str) -> None:
    if revision not in _known():
        raise RegistryForeign(
            f"{what} was made by a newer Warmstation (schema {revision}); "
            f"this one knows up to {HEAD}"
        )


def version(connection: Connection) -> str | None:
    """The schema's version, None for an empty database; RegistryForeign for somebody else's."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE in names:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our constant
        return None if found is None else str(found)
    if names:
        place = shown(connection.engine.url)
        raise RegistryForeign(f"{place} is the database of another program, not a registry")
    return None


def _known() -> set[str]:
    versions = Path(__file__).parent / "migrations" / "versions"
    return {path.name.split("_")[0] for path in versions.glob("[0-9]*.py")}
