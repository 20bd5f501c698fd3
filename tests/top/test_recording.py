"""Recordings become measurements; what is wrong with them is named, with its line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from warmstation.errors import BadRecording
from warmstation.replay.columns import Column
from warmstation.replay.recording import Recording
from warmstation_edge.measurement import Measurement
from warmstation_wire import Fault

SHARED = Path(__file__).parents[3] / "shared/data"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _recording(path: Path, *columns: str, **changes: Any) -> Recording:
    settings: dict[str, Any] = {
        "time": "at",
        "time_format": None,
        "every": timedelta(seconds=5),
        "start": NOON,
        "zone": UTC,
        "where": {},
        "label": "replay",
    }
    settings.update(changes)
    return Recording(path, [Column.parse(text) for text in columns], **settings)


def _read(tmp_path: Path, text: str, *columns: str, **changes: Any) -> list[Measurement]:
    path = tmp_path / "recording.csv"
    path.write_text(text, encoding="utf-8")
    return list(_recording(path, *columns, **changes).measurements())


def test_a_row_becomes_a_measurement_in_our_units(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, "at,t,n\n2013-12-02 21:15:00,68,3\n", "room_c=t:f", "inside=n")
    assert row.climate is not None
    assert row.people is not None
    assert row.climate.room_c == pytest.approx(20.0)
    assert row.people.inside == 3
    assert row.measured_at == datetime(2013, 12, 2, 21, 15, tzinfo=UTC)


def test_times_without_an_offset_are_in_the_zone_that_is_said(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    (row,) = _read(tmp_path, "at,t\n2026-01-01 20:00:00,20\n", "room_c=t", zone=zone)
    assert row.measured_at == NOON


def test_rows_without_times_are_evenly_apart_after_the_filter(tmp_path: Path) -> None:
    text = "mote,t\n2,20\n3,99\n2,21\n3,99\n2,22\n"
    rows = _read(tmp_path, text, "room_c=t", time=None, where={"mote": "2"})
    assert [row.measured_at for row in rows] == [NOON + timedelta(seconds=5 * n) for n in range(3)]
    assert [row.climate.room_c for row in rows if row.climate] == [20, 21, 22]


@pytest.mark.parametrize("text", ["NA", "", "nan", "null"])
def test_a_missing_value_is_a_fault_and_never_zero(tmp_path: Path, text: str) -> None:
    (row,) = _read(tmp_path, f"at,t,h\n2026-01-01,{text},40\n", "outdoor_c=t", "humidity_pct=h")
    assert row.climate is not None
    assert row.climate.outdoor_c is None
    assert row.faults == (Fault(sensor="outdoor", reason="absent"),)


def test_an_impossible_value_is_a_fault_and_the_row_stays(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, "at,t,n\n2026-01-01,400,-1\n", "room_c=t", "inside=n")
    assert row.faults == (
        Fault(sensor="room", reason="range"),
        Fault(sensor="inside", reason="range"),
    )


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("at,t\n2026-01-01,warm\n", ["room_c=t"], "line 2, column t: 'warm' is not a number"),
        ("at,t\nyesterday,20\n", ["room_c=t"], "line 2, column at"),
        ("at,t\n2026-01-01,20\n", ["room_c=temp"], "no column 'temp'; there are at, t"),
        ("when,t\n2026-01-01,20\n", ["room_c=t"], "no column 'at'"),
        ("at,t\n2026-01-01,20\n", [], "map at least one column"),
        ("", ["room_c=t"], "no column"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, text: str, columns: list[str], said: str
) -> None:
    with pytest.raises(BadRecording, match=said):
        _read(tmp_path, text, *columns)


@pytest.mark.parametrize("text", ["room_c", "room=t", "room_c=", "room_c=t:x"])
def test_a_mapping_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadRecording, match="--map"):
        Column.parse(text)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="No such file"):
        list(_recording(tmp_path / "none.csv", "room_c=t").measurements())


@pytest.mark.parametrize(
    ("name", "columns", "settings", "rows", "missing"),
    [
        (
            "machine_temperature/machine_temperature_system_failure.csv",
            ["room_c=value:f"],
            {"time": "timestamp"},
            22_695,
            0,
        ),
        (
            "sensor_network/motes_2_3.csv",
            ["room_c=temperature", "humidity_pct=humidity"],
            {"time": None, "where": {"mote_id": "2"}},
            None,
            0,
        ),
        (
            "weather/weather.csv",
            ["outdoor_c=temp:f", "humidity_pct=humid"],
            {"time": "time_hour", "where": {"origin": "EWR"}},
            None,
            None,
        ),
    ],
)
def test_real_recordings_are_read_whole(
    name: str, columns: list[str], settings: dict[str, Any], rows: int | None, missing: int | None
) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    read = list(_recording(path, *columns, **settings).measurements())
    assert len(read) == rows or (rows is None and len(read) > 2_000)
    faults = sum(len(row.faults or ()) for row in read)
    assert faults == missing or (missing is None and faults < len(read) / 100)
