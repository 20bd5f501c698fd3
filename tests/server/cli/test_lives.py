"""A station's life at the command line, as a clerk types it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import Result

from tests.server.cli.test_stations import GOOD, HEADER, Terminal, add
from tests.support.places import REGIONS
from tests.support.registered import received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.registry import Registry, dumps

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    regions = terminal.file("regions.toml", dumps(REGIONS, []))
    assert terminal.run("station", "import", regions).exit_code == 0
    assert add(terminal).exit_code == 0
    return terminal


def refused(terminal: Terminal, *words: str) -> str:
    result = terminal.run(*words)
    assert result.exit_code == 1, result.stdout
    return str(result.stderr)


def test_a_station_is_retired_listed_and_brought_back(terminal: Terminal) -> None:
    last = "2020-03-15"
    result = terminal.run("station", "retire", "ks-a", "--reason", "租约到期", "--last-day", last)
    assert (result.exit_code, result.stdout) == (
        0,
        "ks-a is retired since 2020-03-16 00:00\n",
    )
    assert terminal.stations() == []
    (gone,) = json.loads(terminal.run("station", "list", "--retired", "--json").stdout)
    assert (gone["id"], gone["reason"]) == ("ks-a", "租约到期")
    assert "租约到期" in terminal.run("station", "list", "--retired").stdout
    assert "retired already" in refused(terminal, "station", "retire", "ks-a", "--reason", "x")
    assert terminal.run("station", "return", "ks-a").stdout == "ks-a is a station again\n"
    assert [one["id"] for one in terminal.stations()] == ["ks-a"]


def test_days_to_come_are_said_on_their_day(terminal: Terminal) -> None:
    reason = ("--reason", "x")
    said = refused(terminal, "station", "retire", "ks-a", *reason, "--last-day", "2999-01-01")
    assert "--last-day is still to come" in said
    assert terminal.run("station", "retire", "ks-a", *reason).exit_code == 0
    said = refused(terminal, "station", "return", "ks-a", "--first-day", "2999-01-01")
    assert "--first-day is still to come" in said
    assert "no station has the id 'ks-b'" in refused(terminal, "station", "return", "ks-b")


def test_a_station_and_a_region_are_renamed_and_moved(terminal: Terminal) -> None:
    words = ("--set", "name_zh=淞南新站", "--set", "region=qiandeng", "--set", "address=新街 2 号")
    assert terminal.run("station", "change", "ks-a", *words).stdout == "ks-a is changed\n"
    again = terminal.run("station", "change", "ks-a", *words)
    assert again.stdout == "ks-a is like that already\n"
    (found,) = terminal.stations()
    assert (found["name_zh"], found["region"]) == ("淞南新站", "qiandeng")
    said = refused(terminal, "station", "change", "ks-a", "--set", "region=nowhere")
    assert "names no region" in said
    assert "--set" in refused(terminal, "station", "change", "ks-a", "--set", "id=ks-b")
    changed = terminal.run("region", "change", "songnan", "--set", "name_zh=新淞南")
    assert changed.stdout == "songnan is changed\n"
    assert "新淞南" in terminal.run("region", "list").stdout
    assert "ks-a stood in region songnan" in refused(terminal, "region", "remove", "songnan")
    assert "ks-a lies in region" in refused(terminal, "region", "remove", "qiandeng")


def test_only_what_never_reported_is_removed(terminal: Terminal) -> None:
    assert add_second(terminal).exit_code == 0
    with closing(SqliteHistory(terminal.directory / "data" / "history.db", ZONE)) as history:
        history.append([received(1, datetime(2026, 11, 20, tzinfo=UTC), station="ks-a")])
    assert "has reported: retire it" in refused(terminal, "station", "remove", "ks-a")
    assert terminal.run("station", "remove", "ks-b").stdout == "ks-b is removed\n"
    assert "no station has the id" in refused(terminal, "station", "remove", "ks-b")
    with closing(Registry.open(terminal.directory / "data" / "registry.db")) as registry:
        actions = [one.action for one in registry.audit.newest()]
    assert actions.count("station.removed") == 1


def add_second(terminal: Terminal) -> Result:
    text = f"{HEADER}\n{GOOD.replace('ks-a', 'ks-b')}\n"
    return terminal.run("station", "import", terminal.file("b.csv", text))


def test_the_brokers_list_names_it_no_more(terminal: Terminal) -> None:
    assert terminal.run("station", "enrol", "ks-a").exit_code == 0
    acl = terminal.directory / "data" / "authority" / "acl"
    assert "user ks-a" in acl.read_text()
    assert terminal.run("station", "retire", "ks-a", "--reason", "x").exit_code == 0
    assert "user ks-a" not in acl.read_text()
    assert "is retired" in refused(terminal, "station", "enrol", "ks-a")
    assert terminal.run("station", "return", "ks-a").exit_code == 0
    assert "user ks-a" in acl.read_text()
