"""A 1-Wire bus as the kernel shows it: all probes convert at once; they vanish and come back."""

from __future__ import annotations

from pathlib import Path

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.mock import w1_slave
from warmstation_edge.sensors.one_wire import BulkConversion
from warmstation_edge.sensors.temperature import TemperatureProbe
from warmstation_edge.threads import Inline

NAMES = ("28-000000000001", "28-000000000002", "28-000000000003")


class Kernel:
    """/sys/bus/w1/devices with a master that counts its bulk conversions."""

    def __init__(self, root: Path, has_bulk: bool = True) -> None:
        self.root = root
        self.bulk = root / "w1_bus_master1/therm_bulk_read"
        if has_bulk:
            self.bulk.parent.mkdir()
            self.bulk.touch()
        for name in NAMES:
            (root / name).mkdir()
            self.show(name, 20.0)
        shared = BulkConversion(root)
        self.probes = [TemperatureProbe(n, root / n, Inline(), shared) for n in NAMES]
        self.conversions = 0

    def show(self, name: str, celsius: float) -> None:
        (self.root / name / "w1_slave").write_text(w1_slave(celsius))

    def sample(self, now: float) -> list[Reading[float] | None]:
        for probe in self.probes:
            if self.bulk.parent.exists():
                self.bulk.write_text("")
            probe.start(now, None)
            if self.bulk.parent.exists() and self.bulk.read_text() == "trigger\n":
                self.conversions += 1
        return [probe.reading for probe in self.probes]


def test_all_probes_of_a_bus_convert_at_once(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    for turn in range(4):
        assert kernel.sample(5.0 * turn) == [Reading.of(20.0)] * 3
    assert kernel.conversions == 4


def test_a_kernel_without_bulk_conversion_converts_one_by_one(tmp_path: Path) -> None:
    assert Kernel(tmp_path, has_bulk=False).sample(0.0) == [Reading.of(20.0)] * 3


def test_who_may_not_trigger_still_reads(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path, has_bulk=False)
    kernel.bulk.mkdir(parents=True)  # cannot be written, not even by root
    probe = TemperatureProbe(NAMES[0], tmp_path / NAMES[0], Inline(), BulkConversion(tmp_path))
    probe.start(0.0, None)
    assert probe.reading == Reading.of(20.0)


def test_a_probe_that_vanishes_is_absent_and_comes_back(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.sample(0.0)
    (tmp_path / NAMES[1] / "w1_slave").unlink()
    (tmp_path / NAMES[1]).rmdir()
    assert kernel.sample(5.0)[1] == Reading.without(Missing.ABSENT)
    assert kernel.sample(5.0)[0] == Reading.of(20.0)
    (tmp_path / NAMES[1]).mkdir()
    (tmp_path / NAMES[1] / "w1_slave").write_text(w1_slave(85.0, is_power_on=True))
    assert kernel.sample(10.0)[1] == Reading.without(Missing.POWER_ON)
    kernel.show(NAMES[1], 20.5)
    assert kernel.sample(15.0)[1] == Reading.of(20.5)


def test_a_measured_85_is_believed_at_once_and_a_power_on_85_is_not(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.sample(0.0)
    kernel.show(NAMES[0], 85.0)
    (tmp_path / NAMES[1] / "w1_slave").write_text(w1_slave(85.0, is_power_on=True))
    told = kernel.sample(5.0)
    assert told[0] == Reading.of(85.0)
    assert told[1] == Reading.without(Missing.POWER_ON)


def test_a_copy_of_the_chip_is_believed_near_85(tmp_path: Path) -> None:
    """Copies leave the reserved byte as it is after power-on."""
    kernel = Kernel(tmp_path)
    for at, celsius in enumerate((82.0, 84.0)):
        kernel.show(NAMES[0], celsius)
        kernel.sample(5.0 * at)
    (tmp_path / NAMES[0] / "w1_slave").write_text(w1_slave(85.0, is_power_on=True))
    assert kernel.sample(10.0)[0] == Reading.of(85.0)


def test_a_conversion_that_never_ended_reads_empty_and_is_absent(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    (tmp_path / NAMES[2] / "w1_slave").write_text("")
    assert kernel.sample(0.0)[2] == Reading.without(Missing.ABSENT)
