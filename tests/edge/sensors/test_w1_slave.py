from __future__ import annotations

from pathlib import Path

import pytest

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.mock import w1_slave
from warmstation_edge.sensors.w1_slave import Pad, pad_in, read_w1_slave


def celsius_in(text: str) -> float | None:
    pad = pad_in(text).value
    return None if pad is None else pad.celsius


@pytest.mark.parametrize("celsius", [-55.0, -10.125, -0.0625, 0.0, 0.5, 25.0625, 85.0, 125.0])
def test_the_datasheets_temperatures_are_read(celsius: float) -> None:
    assert celsius_in(w1_slave(celsius)) == pytest.approx(celsius, abs=0.001)


def test_a_real_files_text_is_read() -> None:
    text = (
        "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n"  # as a Pi 4 shows it after power-on
        "50 05 4b 46 7f ff 0c 10 1c t=85000\n"
    )
    assert pad_in(text) == Reading.of(Pad(85.0, is_proved=False))
    assert w1_slave(85.0, is_power_on=True) == text


def test_a_measured_85_proves_itself_by_its_scratchpad() -> None:
    measured = pad_in(w1_slave(85.0)).value
    assert measured == Pad(85.0, is_proved=True)


def test_the_value_that_the_kernel_repeats_after_a_bad_crc_is_not_taken() -> None:
    text = (
        "ff ff ff ff ff ff ff ff ff : crc=c9 NO\n"
        "3c 01 4b 46 7f ff 04 10 57 t=19750\n"  # the last good one
    )
    assert pad_in(text) == Reading.without(Missing.CRC)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (w1_slave(20.0, crc_ok=False), Missing.CRC),
        ("00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 t=0\n", Missing.ABSENT),
        ("", Missing.ABSENT),
        ("50 05", Missing.ABSENT),
        ("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 t=warm\n", Missing.ABSENT),
        ("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05\n", Missing.ABSENT),
        (w1_slave(127.9375), Missing.RANGE),
        (w1_slave(-56.0), Missing.RANGE),
        ("\ufffd\ufffd\n\ufffd", Missing.CRC),
    ],
)
def test_what_is_no_temperature_says_why(text: str, missing: Missing) -> None:
    assert pad_in(text) == Reading.without(missing)


def test_a_probe_that_the_kernel_does_not_know_is_absent(tmp_path: Path) -> None:
    assert read_w1_slave(tmp_path / "28-000000000001") == Reading.without(Missing.ABSENT)


def test_a_file_that_is_not_text_gives_a_reason(tmp_path: Path) -> None:
    (tmp_path / "w1_slave").write_bytes(bytes(range(256)) * 4)
    assert read_w1_slave(tmp_path).missing is not None
