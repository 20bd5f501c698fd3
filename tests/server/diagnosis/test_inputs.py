"""Configuration, recordings and the single sensor: what comes in from outside."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.errors import BadConfig, BadRecording
from warmstation_server.diagnosis.recording import (
    Oddities,
    in_order,
    samples,
    usual_step_s,
)
from warmstation_server.diagnosis.single import surprises

_SHARED = Path(__file__).parents[4] / "shared/data"


def test_config_takes_what_it_knows_and_leaves_the_rest() -> None:
    config = HeatingConfig.of(
        {"kind": "HeatPump", "setpoint": 21, "colour": "red", "setback": None}
    )

    assert (config.kind, config.setpoint, config.setback) == ("heatpump", 21.0, None)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "stove"},
        {"mode": "dry"},
        {"open_h": 25},
        {"interval_s": "often"},
        {"preheat_h": -4},
        {"setpoint": 200},
        {"metered": "maybe"},
        {"setpoint": True},
        {"utc_offset_h": float("inf")},
    ],
)
def test_config_says_which_key_is_wrong_and_what_is_allowed(values: dict[str, object]) -> None:
    with pytest.raises(BadConfig, match=next(iter(values))):
        HeatingConfig.of(values)


def test_hours_past_midnight_are_open_on_both_sides() -> None:
    config = HeatingConfig(open_h=12.0, close_h=6.0)

    assert config.hours_since_opening(23.0 * 3600) == 11.0
    assert config.hours_since_opening(5.0 * 3600) == 17.0
    assert config.hours_since_opening(8.0 * 3600) is None
    assert config.hours_to_closing(23.0 * 3600) == 7.0


def test_recording_reads_columns_by_name_and_empty_cells_as_missing() -> None:
    text = "time_s,heater_on,room_c,heater_power_w\n60,true,20.5,\n\n120,0,NaN,2000\n"

    first, second = samples(text.splitlines())

    assert (first.heater_on, first.room_c, first.heater_w, first.door_count) == (
        1.0,
        20.5,
        None,
        None,
    )
    assert (second.heater_on, second.room_c, second.heater_w) == (0.0, None, 2000.0)


@pytest.mark.parametrize(
    "text",
    ["room_c\n20\n", "", "time_s,room_c\nsoon,20\n", "time_s;room_c\n0;20\n", "time_s,mood\n0,1\n"],
)
def test_recording_without_a_usable_time_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadRecording, match="line"):
        list(samples(text.splitlines()))


def test_a_broken_cell_is_missing_and_its_line_is_named() -> None:
    oddities = Oddities()

    read = list(samples(["time_s,room_c", "0,20", "60,2o.5", "120,?" + 900 * " "], oddities))

    assert [sample.room_c for sample in read] == [20.0, None, None]
    assert oddities.sentences() == [
        "line 3: room_c: '2o.5' is not a number; taken as missing (2 in all)"
    ]


def test_rows_that_are_not_later_are_counted_with_the_first_line() -> None:
    oddities = Oddities()
    lines = ["time_s,room_c", "0,20", "60,20", "60,20", "30,20", "120,20"]

    assert len(list(samples(lines, oddities))) == 5
    assert oddities.sentences() == ["line 4: time_s is not later than before (2 in all)"]


def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(b"time_s,room_c\n0,\xff\xfe\n")

    with file.open(encoding="utf-8") as lines, pytest.raises(BadRecording, match="UTF-8"):
        list(samples(lines))


def test_the_usual_step_is_the_median_of_the_first_rows() -> None:
    lines = ["time_s,room_c", *(f"{n * 15 + (900 if n > 7 else 0)},20" for n in range(30))]
    read = list(samples(lines))

    assert usual_step_s(read) == usual_step_s(read[::-1]) == 15.0
    assert usual_step_s(read[:5]) is None


def test_rows_without_order_are_sorted_and_a_clock_that_was_set_back_is_left() -> None:
    read = list(samples(["time_s,room_c", *(f"{n * 60},20" for n in range(300))]))
    shuffled = random.Random(1).sample(read, len(read))

    assert in_order(read[::-1]) == in_order(shuffled) == in_order(read) == read
    assert in_order(read + read) == read + read


def test_a_row_of_empty_cells_is_no_row_and_a_lost_quotation_mark_is_named() -> None:
    (only,) = samples(["time_s,room_c", ",", "60,20", " , ,"])

    assert only.room_c == 20.0
    with pytest.raises(BadRecording, match="line 3: a quotation mark"):
        list(samples(["time_s,room_c\n", "0,20\n", '60,"20\n', "120,20\n"]))


def test_a_recording_without_a_room_temperature_says_so() -> None:
    oddities = Oddities()

    list(samples(["time_s,room_c [C],heater_on", "0,20,1", "60,20,1"], oddities))

    assert oddities.sentences() == ["no row has a room_c: of the room nothing can be told"]


def _days(days: int, fall_from: int | None) -> list[str]:
    rng = random.Random(3)
    lines = ["timestamp,value"]
    for n in range(days * 288):
        value = 80.0 + 4.0 * math.sin(n / 288 * 2 * math.pi) + rng.gauss(0, 2)
        if fall_from is not None and n >= fall_from * 288:
            value -= 25.0
        lines.append(f"{n * 300},{value}")
    return lines


def test_single_sensor_with_a_daily_rhythm_is_no_surprise() -> None:
    assert list(surprises(_days(20, None))) == []


def test_single_sensor_that_falls_is_told_once_within_hours() -> None:
    (found,) = surprises(_days(12, 10))

    assert found.cause == "low"
    assert 0 <= found.at_s - 10 * 86400 < 6 * 3600


def _weeks(weeks: int, colder_weekends_from: int | None = None) -> list[str]:
    """An office by the hour: on Saturdays and Sundays nobody heats it."""
    rng, lines = random.Random(4), ["timestamp,value"]
    for n in range(weeks * 168):
        is_weekend = n // 24 % 7 >= 5
        value = 21.0 + 1.5 * math.sin(n / 24 * 2 * math.pi) + rng.gauss(0, 0.3)
        value -= 5.0 * is_weekend
        if colder_weekends_from is not None and n >= colder_weekends_from * 168:
            value -= 5.0 * is_weekend
        lines.append(f"{n * 3600},{value}")
    return lines


def test_single_sensor_of_a_place_that_rests_at_weekends_is_no_surprise() -> None:
    told = [found.at_s / (7 * 86400) for found in surprises(_weeks(10))]

    assert all(week < 2 for week in told)


def test_single_sensor_that_is_colder_than_its_weekends_is_told_in_the_first() -> None:
    told = [found for found in surprises(_weeks(10, 8)) if found.at_s > 14 * 86400]

    assert told[0].cause == "low"
    assert 0 <= told[0].at_s / 86400 - 61 < 1


def test_a_single_sensor_of_which_nothing_can_be_read_is_not_called_well(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("Zeit,Temperatur °C\n".encode("latin-1"))

    with file.open(encoding="utf-8") as lines, pytest.raises(BadRecording, match="UTF-8"):
        list(surprises(lines))
    with pytest.raises(BadRecording, match="no row has"):
        list(surprises(["timestamp,value", "yesterday,warm"]))


def test_broken_rows_of_a_single_sensor_are_passed_over() -> None:
    lines = _days(8, None)
    lines[5:5] = ["not,a number", "2013-99-01 00:00:00,1", "", "17"]

    assert list(surprises(lines)) == []


@pytest.mark.skipif(not _SHARED.is_dir(), reason="real recordings are not beside this checkout")
def test_healthy_real_sensor_gives_no_alarm() -> None:
    lines = (_SHARED / "sensor_network/motes_2_3.csv").read_text().splitlines()

    assert list(surprises(lines)) == []


@pytest.mark.skipif(not _SHARED.is_dir(), reason="real recordings are not beside this checkout")
def test_all_failures_of_a_real_machine_are_found() -> None:
    lines = (
        (_SHARED / "machine_temperature/machine_temperature_system_failure.csv")
        .read_text()
        .splitlines()
    )
    labels = json.loads((_SHARED / "machine_temperature/labels.json").read_text())["windows"]
    windows = labels["realKnownCause/machine_temperature_system_failure.csv"]
    times = [found.label for found in surprises(lines)]

    assert all(any(start <= time <= end for time in times) for start, end in windows)
    assert len(times) <= 8
