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


def test_a_machine_that_tells_nothing_is_unknown_not_well(tmp_path: Path) -> None:
    _file(tmp_path / "class/thermal/thermal_zone0/temp", "hot")
    state = Host(tmp_path / "not/yet/made", tmp_path).read()
    assert state.cpu_c is None
    assert state.undervoltage is None
    assert state.disk_free_mb is not None  # of the file system that will hold it
