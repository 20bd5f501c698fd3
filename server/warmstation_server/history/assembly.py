"""Which history a server has, by its configuration. For whoever builds a server or reads one's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from warmstation_server.config import Config
from warmstation_server.history import History
from warmstation_server.history.sqlite import SqliteHistory

if TYPE_CHECKING:
    from warmstation_server.history.influx import InfluxHistory


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a history asks of each report it stores; see SqliteHistory."""

    targets: Callable[[str], float]
    is_open: Callable[[str, datetime], bool]
    seats: Callable[[str], int | None]


def opened(config: Config, hooks: Hooks) -> History:
    """The history that one server writes to."""
    if config.history.storage == "influx":
        return influx(config, hooks)
    return _sqlite(config, hooks)


def opened_to_read(config: Config, hooks: Hooks) -> History:
    """The history for who only asks. SQLite: HistoryAway while a server has it."""
    if config.history.storage == "influx":
        return influx(config, hooks, is_reader=True)
    return _sqlite(config, hooks)


def influx(config: Config, hooks: Hooks, *, is_reader: bool = False) -> InfluxHistory:
    """The history in InfluxDB, whatever `storage` says."""
    from warmstation_server.history.influx import InfluxHistory  # the client is slow to load
    from warmstation_server.history.influx_door import Place
    from warmstation_server.history.influx_rows import Buckets

    told = config.history
    place = Place(
        told.url or "", told.org or "", told.token_text() or "", timedelta(seconds=told.timeout_s)
    )
    buckets = Buckets(told.bucket, told.kept_bucket)
    asked = hooks.targets, hooks.is_open, hooks.seats
    return InfluxHistory(place, buckets, config.zone_info, *asked, is_reader=is_reader)


def _sqlite(config: Config, hooks: Hooks) -> SqliteHistory:
    return SqliteHistory(
        config.history_path,
        config.zone_info,
        hooks.targets,
        hooks.is_open,
        seats=hooks.seats,
    )
