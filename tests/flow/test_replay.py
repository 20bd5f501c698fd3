"""A recording, played as a station on a real path: every row is in the history."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
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


Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Take:
    """A recording and how it is played; `rows` are those that the options choose."""

    rows: Sequence[Row]
    options: str
    file_rows: Sequence[Row] | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What was played, what `warmstation replay` printed, and what the history holds of it."""

    take: Take
    said: dict[str, int]
    held: list[Report]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """Every take, each as a station of its own, through one broker and one server."""
    folder = tmp_path_factory.mktemp("replay")
    takes = {name: take for name, take in every_take().items() if take.rows}
    stations = [plan.id for plan in load("kunshan").stations]
    said: dict[str, dict[str, int]] = {}
    with Mosquitto(folder) as broker:
        server = ServeProcess(folder / "server", broker.port)
        server.register(load("kunshan").first(len(takes)))
        with server:
            for station, (name, take) in zip(stations, takes.items(), strict=False):
                file = written(folder / f"{name}.csv", take.file_rows or take.rows)
                said[name] = replayed(file, station, broker.port, take.options.split())
            assert server.stop()[0] == 0
        long_ago, soon = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=9)
        with server.history() as history:
            return {
                name: Played(
                    take,
                    said[name],
                    [one.report for one in history.reports(station, long_ago, soon)],
                )
                for station, (name, take) in zip(stations, takes.items(), strict=False)
            }


def every_take() -> dict[str, Take]:
    """Ours, and those of the shared recordings; without rows where they are not there."""
    motes = shared("sensor_network/motes_2_3.csv")
    return {
        "ours": Take(
            our_rows(),
            "--time when --times recorded --map room_c=room_f:f --map outdoor_c=out_k:k "
            "--map heater_w=kw:kw --map inside=people",
        ),
        "machine": Take(
            shared("machine_temperature/machine_temperature_system_failure.csv"),
            "--time timestamp --times ending-now --map room_c=value:f",
        ),
        "motes": Take(
            [row for row in motes if row["mote_id"] == "2"],
            "--every 5 --where mote_id=2 --times ending-now "
            "--map room_c=temperature --map humidity_pct=humidity",
            file_rows=motes,
        ),
        "weather": Take(
            shared("weather/weather.csv"),
            "--time time_hour --where origin=EWR --times ending-now "
            "--map outdoor_c=temp:f --map humidity_pct=humid",
        ),
    }


def our_rows() -> list[Row]:
    """A recording in other people's units, with a gap and an impossible value."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    rows: list[Row] = [
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
    return rows


def replayed(file: Path, station: str, mqtt_port: int, options: list[str]) -> dict[str, int]:
    """`warmstation replay` to its end: what it prints."""
    about = ["--station", station, "--district", "kunshan", "--speed", "0"]
    where = ["--broker", f"127.0.0.1:{mqtt_port}"]
    ended = command("replay", str(file), *about, *where, *options)
    assert ended.returncode == 0, ended.stderr
    said: dict[str, int] = json.loads(ended.stdout)
    return said


def test_every_row_of_a_recording_is_in_the_history_in_our_units(played: dict[str, Played]) -> None:
    held, rows = complete(played, "ours")
    assert [one.measured_at.isoformat() for one in held] == [row["when"] for row in rows]
    assert column(held, "room_c") == converted(rows, "room_f", 32.0, 1 / 1.8)
    assert column(held, "outdoor_c") == converted(rows, "out_k", 273.15, 1.0)
    assert column(held, "heater_w") == converted(rows, "kw", 0.0, 1000.0)
    people = [one.people and one.people.inside for one in held]
    assert people == [None if n == 71 else n % 7 for n in range(150)]


def test_what_a_row_lacks_is_a_fault_and_no_zero(played: dict[str, Played]) -> None:
    held, _ = complete(played, "ours")
    reasons = [[(fault.sensor, fault.reason) for fault in one.faults or ()] for one in held]
    assert reasons[70:72] == [[("room", "absent")], [("inside", "range")]]
    assert not any(reasons[:70] + reasons[72:])


def test_a_machines_temperature_is_replayed(played: dict[str, Played]) -> None:
    held, rows = complete(played, "machine")
    assert column(held, "room_c") == converted(rows, "value", 32.0, 1 / 1.8)


def test_a_sensor_network_is_replayed(played: dict[str, Played]) -> None:
    held, rows = complete(played, "motes")
    assert column(held, "room_c") == converted(rows, "temperature", 0.0, 1.0)
    assert column(held, "humidity_pct") == converted(rows, "humidity", 0.0, 1.0)


def test_the_weather_is_replayed(played: dict[str, Played]) -> None:
    held, rows = complete(played, "weather")
    assert column(held, "outdoor_c") == converted(rows, "temp", 32.0, 1 / 1.8)
    assert column(held, "humidity_pct") == converted(rows, "humid", 0.0, 1.0)


def complete(played: dict[str, Played], name: str) -> tuple[list[Report], Sequence[Row]]:
    """The reports of a take and its rows, of which there are equally many."""
    if name not in played:
        pytest.skip(f"the recording of the {name} is not beside this checkout (shared/data)")
    found = played[name]
    count = len(found.take.rows)
    assert found.said == {"rows": count, "receipted": count}
    assert len(found.held) == count
    return found.held, found.take.rows


def shared(name: str) -> list[Row]:
    """The first rows of a recording that may lie beside this checkout."""
    path = SHARED / name
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [dict(row) for row in islice(csv.DictReader(file), ROWS)]


def written(path: Path, rows: Sequence[Row]) -> Path:
    """Rows as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def column(held: Sequence[Report], name: str) -> list[object]:
    """One climate value of every report."""
    return [getattr(one.climate, name, None) for one in held]


def converted(rows: Sequence[Row], name: str, zero: float, factor: float) -> list[object]:
    """One column in our unit; None where it was not measured."""
    values = [str(row[name]) for row in rows]
    return [
        None if text == "NA" else pytest.approx((float(text) - zero) * factor, abs=1e-6)
        for text in values
    ]
