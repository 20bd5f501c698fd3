"""What a demo makes before it goes live: nothing for a mistyped order, and no past twice."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from warmstation.demo import past, stage
from warmstation.demo.broker import DemoBroker
from warmstation.demo.options import Options
from warmstation_edge.simulator.errors import BadFault, BadFleet
from warmstation_edge.simulator.fleet import load
from warmstation_server.config import Config
from warmstation_server.history.sqlite import SqliteHistory

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
A_DAY = 288
"""Reports of a station, five minutes apart."""


class BrokenOff(Exception):
    """Ctrl-C, as the demo hears it."""


def break_off(_: float) -> None:
    """The terminal, when somebody has no patience."""
    raise BrokenOff


def reports(config: Config, stations: list[str]) -> list[int]:
    """How many of each the history holds."""
    with closing(SqliteHistory(config.history_path, config.zone_info)) as history:
        ever = NOW - timedelta(days=400), NOW + timedelta(days=400)
        return [len(list(history.reports(one, *ever))) for one in stations]


def test_a_past_that_was_broken_off_is_not_there_twice(tmp_path: Path) -> None:
    fleet = load("xifeng").first(2)
    names = [plan.id for plan in fleet.stations]
    config = Config(data_dir=tmp_path / "server")
    config.data_dir.mkdir()
    with pytest.raises(BrokenOff):
        past.make(fleet, tmp_path, config, 1, NOW, break_off, processes=1)
    assert sum(reports(config, names)) > 0
    later = NOW + timedelta(minutes=7)
    past.make(fleet, tmp_path, config, 1, later, lambda _: None, processes=1)
    assert reports(config, names) == [A_DAY, A_DAY]
    with pytest.raises(BrokenOff):
        past.make(fleet, tmp_path, config, 1, NOW + timedelta(hours=12), break_off, processes=1)
    filled = reports(config, names)
    assert sum(filled) > 2 * A_DAY
    past.make(fleet, tmp_path, config, 1, NOW + timedelta(hours=13), lambda _: None, processes=1)
    assert reports(config, names) == filled


class Nobody:
    """At the terminal."""

    def said(self, text: str) -> None:
        """Unheard."""

    def past(self, done: float) -> None:
        """Unseen."""

    def up(self, options: Options, broker: DemoBroker, stations: int) -> None:
        """It never is."""


@pytest.mark.parametrize(
    "mistyped",
    [
        {"fleet": "nowhere"},
        {"faults": ("nope",)},
        {"faults": ("ks-nowhere:heater_dead",)},
        {"faults": ("ks-songnan:socket_dead=p99",)},
    ],
)
def test_for_what_was_mistyped_nothing_is_made(mistyped: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises((BadFleet, BadFault)):
        stage.run(Options(data_dir=tmp_path / "demo", **mistyped), Nobody(), lambda: False)
    assert not list(tmp_path.iterdir())
