from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation_server.cli import add_to
from warmstation_server.registry import dumps

HEADER = "id,district,name_zh,lat,lon,region,hours,capacity"
GOOD = "ks-a,kunshan,淞南,31.26,121.0,songnan,24/7,12"
BAD = "ks-b,kunshan,乙,31.26,121.0,nowhere,24/8,12"


class Terminal:
    """The command line over a configuration of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "server.toml"
        self.config.write_text('data_dir = "data"\n', encoding="utf-8")
        migrated(directory / "data" / "registry.db")
        self._app = typer.Typer()
        add_to(self._app)

    def run(self, *words: str | Path) -> Result:
        at = ["--config", str(self.config)]
        return CliRunner().invoke(self._app, [*map(str, words), *at])

    def file(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def stations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("station", "list", "--json").stdout)
        return found


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    regions = terminal.file("regions.toml", dumps(REGIONS, []))
    assert terminal.run("station", "import", regions).exit_code == 0
    return terminal


def add(terminal: Terminal, *more: str, hours: str = "24/7") -> Result:
    return terminal.run(
        *("station", "add", "ks-a", "--district", "kunshan", "--region", "songnan"),
        *("--name", "淞南", "--lat", "31.26", "--lon", "121", "--capacity", "12"),
        *("--hours", hours, *more),
    )


def test_a_station_can_be_added_and_is_listed(terminal: Terminal) -> None:
    result = add(terminal, "--set", "donors=water=Red Cross", "--set", "simulated=yes")
    assert (result.exit_code, result.stdout) == (0, "ks-a is registered\n")
    (found,) = terminal.stations()
    assert (found["id"], found["donors"], found["simulated"]) == (
        "ks-a",
        {"water": "Red Cross"},
        True,
    )
    listed = terminal.run("station", "list")
    assert "ks-a" in listed.stdout
    assert "1 station\n" in listed.stdout


def test_a_station_that_is_there_is_not_overwritten(terminal: Terminal) -> None:
    add(terminal)
    result = add(terminal)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "registered already" in result.stderr


def test_a_bad_station_is_one_sentence_and_exit_code_1(terminal: Terminal) -> None:
    result = add(terminal, hours="Mo-Fr 9-18")
    assert result.exit_code == 1
    assert "at character 7" in result.stderr
    assert result.stderr.count("\n") == 1
    assert terminal.stations() == []


def test_a_missing_option_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("station", "add", "ks-a").exit_code == 2


def test_an_import_shows_what_was_refused_and_takes_the_rest(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{GOOD}\n{BAD}\n")
    refused = terminal.directory / "refused.csv"
    result = terminal.run("station", "import", file, "--refused", refused)
    assert result.exit_code == 0
    assert "24/8" in result.stdout
    assert "1 row refused" in result.stdout
    assert "warning: s.csv: 2 rows do not say their coordinate system" in result.stdout
    assert [one["id"] for one in terminal.stations()] == ["ks-a"]
    with refused.open(encoding="utf-8-sig", newline="") as written:
        (row,) = csv.DictReader(written)
    assert (row["id"], row["hours"], row["where"]) == ("ks-b", "24/8", "s.csv row 3")
    assert "hours: not valid opening_hours" in row["reason"]


def test_the_tables_of_the_readme_are_a_district(tmp_path: Path) -> None:
    readme = Path(__file__).parents[3] / "server" / "README.md"
    regions, stations = re.findall(r"```csv\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    terminal = Terminal(tmp_path)
    files = terminal.file("regions.csv", regions), terminal.file("stations.csv", stations)
    result = terminal.run("station", "import", *files, "--strict")
    assert result.exit_code == 0
    assert "warning" not in result.stdout
    assert "0 rows refused" in result.stdout
    assert [one["id"] for one in terminal.stations()] == ["ks-shipai", "ks-songnan"]


def test_a_table_without_its_regions_is_told_where_regions_come_from(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    result = terminal.run("station", "import", terminal.file("a.csv", f"{HEADER}\n{GOOD}\n"))
    assert result.exit_code == 1
    assert (
        "regions come by the same command: a table of id, name_zh, level, parent" in result.stdout
    )


def test_the_file_of_refused_rows_can_be_corrected_and_imported(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{BAD}\n{GOOD}\n")
    refused = terminal.directory / "refused.csv"
    terminal.run("station", "import", file, "--refused", refused)
    text = refused.read_text(encoding="utf-8-sig")
    terminal.file("refused.csv", text.replace(",nowhere,24/8,", ",songnan,24/7,"))
    assert terminal.run("station", "import", refused).exit_code == 0
    assert [one["id"] for one in terminal.stations()] == ["ks-a", "ks-b"]


def test_json_says_the_same_to_programs(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{GOOD}\n{BAD}\n")
    found = json.loads(terminal.run("station", "import", file, "--json").stdout)
    assert found["committed"]
    assert found["stations"] == {"added": ["ks-a"], "changed": [], "unchanged": []}
    assert found["refused_rows"] == 1
    assert found["refused"][0] == {
        "kind": "station",
        "file": "s.csv",
        "sheet": None,
        "row": 3,
        "column": "hours",
        "value": "24/8",
        "reason": "not valid opening_hours: '24/8': '24/8' is not understood at character 1",
    }


def test_strict_and_dry_run_write_nothing(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{GOOD}\n{BAD}\n")
    strict = terminal.run("station", "import", file, "--strict")
    assert strict.exit_code == 1
    assert "nothing was imported: 1 of 2 rows" in strict.stderr
    assert terminal.run("station", "import", file, "--dry-run").exit_code == 0
    assert terminal.stations() == []


def test_where_every_row_is_refused_it_failed(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{BAD}\n")
    assert terminal.run("station", "import", file).exit_code == 1


def test_columns_can_be_told(terminal: Terminal) -> None:
    file = terminal.file("s.csv", "no,y,x\n7,31.26,121.0\n")
    result = terminal.run(
        *("station", "import", file, "--map", "id=ks-{no},name_zh=站{no},lat=y,lon=x"),
        *("--default", "district=kunshan,region=songnan,hours=Mo-Fr 09:00-12:00,13:00-17:00"),
        *("--default", "capacity=9"),
    )
    assert result.exit_code == 0, result.output
    (found,) = terminal.stations()
    assert (found["id"], found["hours"]) == ("ks-7", "Mo-Fr 09:00-12:00,13:00-17:00")


def test_what_is_listed_as_toml_can_be_imported_elsewhere(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = terminal.file("all.toml", dumps([], [station("ks-a"), station("ks-b")]))
    terminal.run("station", "import", file)
    listed = terminal.run("station", "list", "--toml").stdout
    copy = terminal.file("copy.toml", listed)
    other = str(tmp_path / "elsewhere" / "other.db")
    assert terminal.run("station", "import", copy, "--registry", other).exit_code == 0
    assert terminal.run("station", "list", "--toml", "--registry", other).stdout == listed


@pytest.mark.parametrize("name", ["s.xlsx", "s.csv", "s.toml", "none.csv"])
def test_a_broken_file_is_one_sentence(terminal: Terminal, name: str) -> None:
    if not name.startswith("none"):
        terminal.file(name, "\0\0broken")
    result = terminal.run("station", "import", terminal.directory / name)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert name in result.stderr


def test_a_file_for_refused_rows_that_cannot_be_written_is_one_sentence(
    terminal: Terminal,
) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{BAD}\n")
    result = terminal.run("station", "import", file, "--refused", terminal.directory)
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_missing_configuration_is_one_sentence(terminal: Terminal) -> None:
    terminal.config.unlink()
    result = terminal.run("station", "list")
    assert result.exit_code == 1
    assert "server.toml" in result.stderr


def test_markup_in_a_name_is_shown_as_it_is(terminal: Terminal) -> None:
    file = terminal.file("s.csv", f"{HEADER}\n{GOOD.replace('淞南', '[red]A[/red]')}\n")
    terminal.run("station", "import", file)
    assert "[red]A[/red]" in terminal.run("station", "list").stdout
