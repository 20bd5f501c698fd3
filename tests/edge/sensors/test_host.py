from __future__ import annotations

from pathlib import Path

import pytest

from warmstation_edge.sensors.host import Host


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.mark.parametrize(("alarm", "undervoltage"), [("0\n", False), ("1\n", True)])
def test_a_pi_tells_its_temperature_and_its_supply(
    tmp_path: Path, alarm: str, undervoltage: bool
) -> None:
    _file(tmp_path / "class/thermal/thermal_zone0/temp", "51234\n")
    _file(tmp_path / "class/hwmon/hwmon0/name", "cpu_thermal\n")
    _file(tmp_path / "class/hwmon/hwmon1/in0_lcrit_alarm", alarm)
    state = Host(tmp_path, tmp_path).read()
    assert state.cpu_c == pytest.approx(51.234)
    assert state.undervoltage is undervoltage
    assert state.disk_free_mb is not None
    assert state.disk_free_mb > 0


@pytest.mark.parametrize("said", ["hot", "-274000", "200000", ""])
def test_a_machine_that_tells_nothing_is_unknown_not_well(tmp_path: Path, said: str) -> None:
    _file(tmp_path / "class/thermal/thermal_zone0/temp", said)
    state = Host(tmp_path / "not/yet/made", tmp_path).read()
    assert state.cpu_c is None
    assert state.undervoltage is None
    assert state.disk_free_mb is not None  # of the file system that will hold it


def test_the_firmware_tells_throttling_by_a_file_and_forgets_it_when_told(tmp_path: Path) -> None:
    file = tmp_path / "devices/platform/soc/soc:firmware/get_throttled"
    _file(file, "0\n")
    host = Host(tmp_path, tmp_path)
    told = []
    for text in ("0", "4", "40000", "40000", "50005", "50000"):
        file.write_text(f"{text}\n")
        state = host.read()
        told.append((state.throttled, state.undervoltage))
    assert told == [
        (False, False),
        (True, False),
        (True, False),  # it ended between two looks
        (False, False),  # the bit stays set for good
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("said", "throttled"),
    [("throttled=0x0\n", False), ("throttled=0x50005\n", True), ("what?", None), (None, None)],
)
def test_newer_kernels_tell_it_by_vcgencmd(
    tmp_path: Path, said: str | None, throttled: bool | None
) -> None:
    host = Host(tmp_path, tmp_path, vcgencmd=lambda: said)
    assert host.read().throttled is throttled


def test_memory_is_what_the_kernel_calls_available(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  442532 kB\nMemFree: 12000 kB\nMemAvailable:  210000 kB\n")
    assert Host(tmp_path, tmp_path, meminfo).read().memory_free_mb == 215
    assert Host(tmp_path, tmp_path, tmp_path / "none").read().memory_free_mb is None
