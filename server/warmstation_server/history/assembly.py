"""Which history a server has, by its configuration. For whoever builds a server or reads one's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from warmstation_server import claim
from warmstation_server.config import Config
from warmstation_server.duty import holder_of
from warmstation_server.errors import BadConfig
from warmstation_server.history import History
from warmstation_server.history.memory import always, default_target, no_seats
from warmstation_server.history.moving import Movable
from warmstation_server.history.moving_sqlite import snapshot
from warmstation_server.history.sqlite import SqliteHistory

if TYPE_CHECKING:
    from warmstation_server.history.influx import InfluxHistory
    from warmstation_server.history.influx_door import Place
    from warmstation_server.history.influx_rows import Buckets


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a history asks of each report it stores; see SqliteHistory."""

    targets: Callable[[str], float]
    is_open: Callable[[str, datetime], bool]
    seats: Callable[[str], int | None]


UNASKED = Hooks(default_target, always, no_seats)
"""For who stores nothing anew: what was asked once is copied."""


def opened(config: Config, hooks: Hooks) -> History:
    """The history that one server writes to."""
    if config.history.storage == "influx":
        return influx(config, hooks, writer=holder_of(config.data_dir))
    return _sqlite(config, hooks)


def opened_to_read(config: Config, hooks: Hooks) -> History:
    """The history for who only asks. SQLite: HistoryAway while a server has it."""
    if config.history.storage == "influx":
        return influx(config, hooks)
    return _sqlite(config, hooks)


def influx(config: Config, hooks: Hooks, *, writer: str | None = None) -> InfluxHistory:
    """The history in InfluxDB, whatever `storage` says: to read, or for the writer of this name."""
    from warmstation_server.history.influx import InfluxHistory  # the client is slow to load

    return InfluxHistory(
        *_where(config),
        config.zone_info,
        hooks.targets,
        hooks.is_open,
        hooks.seats,
        is_reader=writer is None,
        writer=writer,
        whole=config.history.fields == "all",
    )


@contextmanager
def to_copy(config: Config, storage: str, hooks: Hooks) -> Iterator[Movable]:
    """A storage to copy from: of SQLite a copy of its own, for a server may be writing to it."""
    if storage == "influx":
        with closing(influx(config, hooks)) as found:
            yield found
        return
    folder = config.data_dir / ".copying"
    with claim.data_dir(folder):
        path = folder / "history.db"
        for left in folder.glob("history.db*"):  # by a copy that was killed
            left.unlink()
        try:
            snapshot(config.history_path, path)
            with closing(SqliteHistory(path, config.zone_info, is_scratch=True)) as copied:
                yield copied
        finally:
            shutil.rmtree(folder)


def to_fill(config: Config, storage: str, hooks: Hooks) -> Movable:
    """A storage to copy to."""
    if storage == "influx":
        return influx(config, hooks, writer=f"copy to {holder_of(config.data_dir)}")
    return _sqlite(config, hooks)


def reach(config: Config) -> None:
    """See that the storage answers and lets us look; HistoryAway with a sentence where not."""
    if config.history.storage == "sqlite":
        return
    from warmstation_server.history.influx_door import Door

    place, buckets = _where(config)
    with closing(Door(place)) as door:
        for bucket in buckets:
            door.reach(bucket)


def prepared(config: Config) -> Iterator[str]:
    """Make and check what the storage needs; a sentence for each thing.

    An InfluxDB that is named beside `sqlite` is one to be copied to.
    """
    if config.history.storage == "sqlite":
        yield f"history {config.history_path}: needs nothing"
        if config.history.url is None:
            return
    told = config.history
    if told.token is None and not (told.token_file and told.token_file.exists()):
        raise BadConfig(
            "WARMSTATION_HISTORY__TOKEN must be a token that may make buckets, tasks and tokens "
            "(an operator's)"
        )
    from warmstation_server.history.influx_prepare import prepare

    yield from prepare(*_where(config), config.retention, config.history.token_file)


def _where(config: Config) -> tuple[Place, Buckets]:
    from warmstation_server.history.influx_door import Place
    from warmstation_server.history.influx_rows import Buckets

    told = config.history
    if told.url is None or told.org is None:
        raise BadConfig("history.url and history.org must say which InfluxDB 2 is meant")
    timeout = timedelta(seconds=told.timeout_s)
    place = Place(told.url, told.org, told.token_text() or "", timeout, told.ca_file)
    return place, Buckets(told.bucket, told.kept_bucket)


def _sqlite(config: Config, hooks: Hooks) -> SqliteHistory:
    return SqliteHistory(
        config.history_path,
        config.zone_info,
        hooks.targets,
        hooks.is_open,
        seats=hooks.seats,
    )
