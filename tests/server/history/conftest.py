"""Every kind of history, for what all of them must do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import SHANGHAI
from tests.support import influx
from warmstation_server.history import History
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory

Opens = Callable[..., History]


@pytest.fixture(params=["memory", "sqlite", "sqlite-rolling", "influx"])
def opens(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opens]:
    """Makes a history; the rolling one moves rows to their chunks almost at once."""
    made: list[History] = []
    buckets = ExitStack()
    if request.param == "sqlite-rolling":
        monkeypatch.setattr("warmstation_server.history.ledger.MIN_UNROLLED", 7)
        monkeypatch.setattr("warmstation_server.history.ledger.UNROLLED_PER_STATION", 3)

    def open_one(zone: ZoneInfo = SHANGHAI, **hooks: object) -> History:
        one: History
        if request.param == "memory":
            one = MemoryHistory(zone, **hooks)  # type: ignore[arg-type]
        elif request.param == "influx":
            where = buckets.enter_context(influx.fresh_buckets(influx.place()))
            one = InfluxHistory(*where, zone, **hooks)  # type: ignore[arg-type]
        else:
            path = tmp_path / f"history-{len(made)}.db"
            one = SqliteHistory(path, zone, **hooks)  # type: ignore[arg-type]
        made.append(one)
        return one

    with buckets:
        yield open_one
        for one in made:
            one.close()


@pytest.fixture
def history(opens: Opens) -> History:
    return opens()
