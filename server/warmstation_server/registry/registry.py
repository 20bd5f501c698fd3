"""The registry: who may open it and what can be asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from warmstation_server.places import Region, Station
from warmstation_server.registry import convert
from warmstation_server.registry.engine import engine_for, sentences, transaction, url_of
from warmstation_server.registry.schema import to_head
from warmstation_server.registry.tables import DeploymentTable, RegionTable, StationTable


class Registry:
    """Regions, stations and what riders report; for any thread and several processes at once.

    Every method may raise RegistryAway.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path_or_url: str | Path) -> Self:
        """Open (or make) a registry and bring it to this version's schema.

        RegistryAway where it cannot be used, RegistryForeign where it is something else.
        """
        engine = engine_for(url_of(path_or_url))
        with sentences(engine.url):
            to_head(engine)
        return cls(engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def regions(self) -> tuple[Region, ...]:
        """All regions, by id."""
        with transaction(self._engine) as connection, Session(connection) as session:
            rows = session.scalars(select(RegionTable).order_by(RegionTable.id))
            return tuple(convert.region(row) for row in rows)

    def stations(self) -> tuple[Station, ...]:
        """All stations, by id."""
        with transaction(self._engine) as connection, Session(connection) as session:
            rows = session.scalars(select(StationTable).order_by(StationTable.id))
            return tuple(convert.station(row) for row in rows)

    def revision(self) -> int:
        """Rises with every committed change of regions or stations, by whichever process."""
        with transaction(self._engine) as connection:
            return connection.execute(select(DeploymentTable.revision)).scalar_one()
