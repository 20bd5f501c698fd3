"""A recording, played as a station on a real path: every row is in the history."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.flow_server import ServeProcess, command
from tests.support.mosquitto import Mosquitto
from warmstation_edge.simulator.fleet import load
from warmstation_wire import Report

pytestmark = pytest.mark.broker
SHARED = Path(__file__).parents[2] / "../shared/data"
ROWS = 400
"""Of a shared recording: enough for the window of unreceipted rows to turn over."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A broker and a server that knows a few stations of Kunshan."""

    broker: Mosquitto
    server: ServeProcess

    def replay(self, file: Path, station: str, *options: str) -> dict[str, int]:
        """`warmstation replay` to its end: what it prints."""
        about = ["--station", station, "--district", "kunshan", "--speed", "0"]
        where = ["--broker", f"127.0.0.1:{self.broker.port}"]
        ended = command("replay", str(file), *about, *where, *options)
        assert ended.returncode == 0, ended.stderr
        said: dict[str, int] = json.loads(ended.stdout)
        return said

    def held(self, station: str) -> list[Report]:
        """All that the history holds of a station, in order; ends the server for it."""
        self.server.stop()
        long_ago, soon = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=9)
        with self.server.history() as history:
            return [one.report for one in history.reports(station, long_ago, soon)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Mosquitto(tmp_path) as broker:
        server = ServeProcess(tmp_path / "server", broker.port)
        server.register(load("kunshan").first(2))
        with server:
            yield Stage(broker, server)


def test_every_row_of_a_recording_is_in_the_history_in_our_units(
    stage: Stage, tmp_path: Path
) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    rows = [
        {
            "when": (began + timedelta(minutes=n)).isoformat(),
            "room_f": 60.0 + n / 10,
            "out_k": 270.15 + n / 100,
            "kw": n / 100,
            "people": n % 7,
        }
        for n in range(150)
    ]
    rows[70]["room_f"] = "NA"
    rows[71]["people"] = -4
    options = ["--time", "when", "--times", "recorded", "--map", "room_c=room_f:f"]
    options += ["--map", "outdoor_c=out_k:k", "--map", "heater_w=kw:kw", "--map", "inside=people"]
    said = stage.replay(written(tmp_path, rows), "ks-songnan", *options)
    assert said == {"rows": 150, "receipted": 150}
    held = stage.held("ks-songnan")
    assert [one.measured_at.isoformat() for one in held] == [row["when"] for row in rows]
    assert column(held, "room_c") == converted(rows, "room_f", 32.0, 1 / 1.8)
    assert column(held, "outdoor_c") == converted(rows, "out_k", 273.15, 1.0)
    assert column(held, "heater_w") == converted(rows, "kw", 0.0, 1000.0)
    people = [one.people and one.people.inside for one in held]
    assert people == [None if n == 71 else n % 7 for n in range(150)]
    reasons = [[(fault.sensor, fault.reason) for fault in one.faults or ()] for one in held]
    assert reasons[70:72] == [[("room", "absent")], [("inside", "range")]]


def test_a_machines_temperature_is_replayed(stage: Stage, tmp_path: Path) -> None:
    rows = shared("machine_temperature/machine_temperature_system_failure.csv")
    options = ["--time", "timestamp", "--times", "ending-now", "--map", "room_c=value:f"]
    check(stage, tmp_path, rows, options, {"room_c": converted(rows, "value", 32.0, 1 / 1.8)})


def test_a_sensor_network_is_replayed(stage: Stage, tmp_path: Path) -> None:
    rows = shared("sensor_network/motes_2_3.csv")
    options = ["--every", "5", "--where", "mote_id=2", "--times", "ending-now"]
    options += ["--map", "room_c=temperature", "--map", "humidity_pct=humidity"]
    mine = [row for row in rows if row["mote_id"] == "2"]
    humid = converted(mine, "humidity", 0.0, 1.0)
    warm = converted(mine, "temperature", 0.0, 1.0)
    check(stage, tmp_path, rows, options, {"room_c": warm, "humidity_pct": humid}, len(mine))


def test_the_weather_is_replayed(stage: Stage, tmp_path: Path) -> None:
    rows = shared("weather/weather.csv")
    options = ["--time", "time_hour", "--where", "origin=EWR", "--times", "ending-now"]
    options += ["--map", "outdoor_c=temp:f", "--map", "humidity_pct=humid"]
    outdoor = converted(rows, "temp", 32.0, 1 / 1.8)
    humid = converted(rows, "humid", 0.0, 1.0)
    check(stage, tmp_path, rows, options, {"outdoor_c": outdoor, "humidity_pct": humid})


def check(
    stage: Stage,
    folder: Path,
    rows: Sequence[dict[str, object]],
    options: list[str],
    expected: dict[str, list[object]],
    count: int = ROWS,
) -> None:
    """Replay these rows; the history holds `count` reports with these columns, in order."""
    said = stage.replay(written(folder, rows), "ks-songnan", *options)
    assert said == {"rows": count, "receipted": count}
    held = stage.held("ks-songnan")
    for name, values in expected.items():
        assert column(held, name) == values


def shared(name: str) -> list[dict[str, object]]:
    """The first rows of a recording that may lie beside this checkout."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not beside this checkout")
    with path.open(newline="", encoding="utf-8") as file:
        return [dict(row) for _, row in zip(range(ROWS), csv.DictReader(file), strict=False)]


def written(folder: Path, rows: Sequence[dict[str, object]]) -> Path:
    """Rows as a CSV file."""
    path = folder / "recording.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def column(held: Sequence[Report], name: str) -> list[object]:
    """One climate value of every report."""
    return [getattr(one.climate, name, None) for one in held]


def converted(
    rows: Sequence[dict[str, object]], name: str, zero: float, factor: float
) -> list[object]:
    """One column in our unit; None where it was not measured."""
    values = [str(row[name]) for row in rows]
    return [
        None if text == "NA" else pytest.approx((float(text) - zero) * factor, abs=1e-6)
        for text in values
    ]
