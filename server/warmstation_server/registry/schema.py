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

HEAD = "0007"
"""The newest migration; a test keeps it true."""


def to_head(engine: Engine) -> None:
    """Migrate where needed; several processes may do so at once, the first one does the work."""
    with transaction(engine) as connection:
        if _version(connection) == HEAD:
            return
    with transaction(engine, writes=True) as connection:
        version = _version(connection)
        if version == HEAD:
            return
        if version is not None and version not in _known():
            raise RegistryForeign(
                f"{shown(engine.url)} was made by a newer Warmstation (schema {version}); "
                f"this one knows up to {HEAD}"
            )
        _upgrade(connection)


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to know; it works inside the transaction that it is handed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command  # a quarter of a second that only a new schema needs

    command.upgrade(alembic_config(connection), "head")


def _version(connection: Connection) -> str | None:
    """The schema's version, None for an empty database; RegistryForeign for somebody else's."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE in names:
        version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our constant
        return str(version) if version is not None else None
    if names:
        place = shown(connection.engine.url)
        raise RegistryForeign(f"{place} is the database of another program, not a registry")
    return None


def _known() -> set[str]:
    versions = Path(__file__).parent / "migrations" / "versions"
    return {path.name.split("_")[0] for path in versions.glob("[0-9]*.py")}
