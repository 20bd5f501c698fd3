"""The diagnose command, as it is run by hand and by scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from warmstation_server.cli.diagnose import diagnose

_APP = typer.Typer()
_APP.command()(diagnose)


def _recording(folder: Path) -> Path:
    file = folder / "night.csv"
    rows = [f"{60 * n},{4.0 + 0.1 * (n % 3)},1" for n in range(60)]
    file.write_text("time_s,room_c,heater_on\n" + "\n".join(rows) + "\n")
    return file


def test_each_alarm_is_one_json_line(tmp_path: Path) -> None:
    config = tmp_path / "station.json"
    config.write_text('{"kind": "electric", "open_h": 8, "close_h": 20}')

    result = CliRunner().invoke(
        _APP, [str(_recording(tmp_path)), "--config", str(config), "--json"]
    )

    assert result.exit_code == 0
    first = json.loads(result.stdout.splitlines()[0])
    assert first["cause"] == "frost"
    assert first["severity"] == "critical"
    assert set(first["advice"]) == {"zh", "en"}


def test_what_is_odd_in_a_recording_is_said_beside_the_alarms(tmp_path: Path) -> None:
    file = _recording(tmp_path)
    slow = [f"{900 * n},{'4.5 C' if n == 3 else 4.0},1" for n in range(60)]
    file.write_text("time_s,room_c,heater_on\r\n" + "\r\n".join(slow))

    result = CliRunner().invoke(_APP, [str(file), "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[0])["cause"] == "frost"
    assert "line 5: room_c: '4.5 C' is not a number" in result.stderr
    assert "step is 900 s, not 60 s" in result.stderr


def test_a_recording_with_the_newest_row_first_says_the_same(tmp_path: Path) -> None:
    file = _recording(tmp_path)
    forwards = CliRunner().invoke(_APP, [str(file), "--json"])
    header, *rows = file.read_text().splitlines()
    file.write_text("\n".join([header, *reversed(rows)]))

    backwards = CliRunner().invoke(_APP, [str(file), "--json"])

    assert (backwards.stdout, backwards.stderr) == (forwards.stdout, "")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "line 2: no row follows"),
        ([f"{60_000 * n},20,0" for n in range(40)], "steps of 60000; seconds are needed"),
    ],
)
def test_a_recording_of_which_nothing_can_be_said_is_no_good_news(
    tmp_path: Path, rows: list[str], sentence: str
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("\n".join(["time_s,room_c,heater_on", *rows]) + "\n")

    result = CliRunner().invoke(_APP, [str(file)])

    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr


def test_what_is_not_read_is_not_called_well(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("time_s,room_c,heater_on\n" + "".join(f"{60 * n},20 C,0\n" for n in range(40)))

    result = CliRunner().invoke(_APP, [str(file)])

    assert result.stdout == ""
    assert "no row has a room_c" in result.stderr


def test_times_before_zero_are_as_good_as_any(tmp_path: Path) -> None:
    told = []
    for first_s in (0, -864_000):
        file = tmp_path / "times.csv"
        rows = [f"{first_s + 60 * n},{25.0 if n > 4000 else 19.0 + n % 9 / 9}" for n in range(7000)]
        rows = [
            f"{row},{float(n % 40 < 20)},{0 if n > 6000 else 25 * (n % 40 < 20) + 19}"
            for n, row in enumerate(rows)
        ]
        file.write_text("time_s,room_c,heater_on,outlet_c\n" + "\n".join(rows))
        result = CliRunner().invoke(_APP, [str(file), "--json"])
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        told.append([(line["cause"], line["time_s"] - first_s) for line in lines])

    assert told[0] == told[1] != []


def test_a_wrong_config_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    config = tmp_path / "station.json"
    config.write_text('{"kind": "stove"}')

    result = CliRunner().invoke(_APP, [str(_recording(tmp_path)), "--config", str(config)])

    assert result.exit_code == 1
    assert "kind: 'stove' is not allowed" in result.stderr


def test_a_file_without_time_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("room_c\n20\n")

    result = CliRunner().invoke(_APP, [str(file), "--json"])

    assert result.exit_code == 1
    assert "time_s" in result.stderr


def test_single_sensor_is_quiet_about_a_quiet_file(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("timestamp,value\n2024-01-01 00:00:00,20\n2024-01-01 00:05:00,20.1\n")

    result = CliRunner().invoke(_APP, [str(file), "--single", "--json"])

    assert (result.exit_code, result.stdout) == (0, "")
