"""SHT31, NAU7802 and TCA9548A at the level of bytes, on the product's own mock bus."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from warmstation_edge.errors import NoAnswer
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.background import answered
from warmstation_edge.sensors.i2c import LinuxI2c
from warmstation_edge.sensors.mock_i2c import MockI2c, MockMux, MockNau7802, MockSht31
from warmstation_edge.sensors.nau7802 import Nau7802, Scale, Shelf
from warmstation_edge.sensors.sht31 import Sht31, air_in, crc8
from warmstation_edge.sensors.tca9548a import MuxChannel


def no_wait(seconds: float) -> None:
    """The mock chips are never busy."""


def test_the_crc_is_the_datasheets_own_example() -> None:
    assert crc8(b"\xbe\xef") == 0x92


def test_the_conversion_formulas_hold_at_both_ends() -> None:
    low = b"\x00\x00" + bytes([crc8(b"\x00\x00")])
    high = b"\xff\xff" + bytes([crc8(b"\xff\xff")])
    assert (air_in(low + low).celsius, air_in(low + low).humidity_pct) == (-45, 0)
    assert (air_in(high + high).celsius, air_in(high + high).humidity_pct) == (130, 100)


def test_an_sht31_is_reset_once_and_then_measures() -> None:
    chip = MockSht31(celsius=19.5, humidity_pct=41.0)
    sensor = Sht31(MockI2c({0x44: chip}), 0x44, no_wait)
    for _ in range(2):
        air = sensor.ask().value
        assert air is not None
        assert air.celsius == pytest.approx(19.5, abs=0.01)
        assert air.humidity_pct == pytest.approx(41.0, abs=0.01)
    sent = [command for command in chip.commands if command]
    assert sent == [b"\x30\xa2", b"\x24\x00", b"\x24\x00"]


def test_a_disturbed_word_is_a_bad_crc_and_the_chip_is_reset() -> None:
    chip = MockSht31()
    sensor = Sht31(MockI2c({0x44: chip}), 0x44, no_wait)
    chip.spoils_crc = True
    assert answered(sensor.ask) == Reading.without(Missing.CRC)
    chip.spoils_crc = False
    assert answered(sensor.ask).value is not None
    assert chip.commands.count(b"\x30\xa2") == 2


def test_a_chip_that_is_not_there_is_absent_and_named() -> None:
    reading = answered(Sht31(MockI2c(), 0x45, no_wait).ask)
    assert reading == Reading.without(Missing.ABSENT)
    assert "0x45" in (reading.detail or "")


@pytest.mark.parametrize("counts", [0, 1, -1, 104_300, -8_388_607, 8_388_606])
def test_a_converter_is_started_calibrated_and_read(counts: int) -> None:
    chip = MockNau7802(counts)
    assert Nau7802(MockI2c({0x2A: chip}), no_wait).ask() == Reading.of(float(counts))


@pytest.mark.parametrize("counts", [8_388_607, -8_388_608])
def test_a_converter_at_its_end_is_out_of_range(counts: int) -> None:
    reading = Nau7802(MockI2c({0x2A: MockNau7802(counts)}), no_wait).ask()
    assert reading.missing is Missing.RANGE


def test_a_converter_that_lost_its_power_is_started_anew() -> None:
    chip = MockNau7802(1000)
    converter = Nau7802(MockI2c({0x2A: chip}), no_wait)
    assert converter.ask().value == 1000
    chip.cut()
    assert answered(converter.ask).missing is Missing.ABSENT
    assert answered(converter.ask).value == 1000


def test_a_data_line_that_is_held_up_is_no_weight() -> None:
    class Floating(MockNau7802):
        is_held_up = False

        def read(self, wanted: int) -> bytes:
            return b"\xff" * wanted if self.is_held_up else super().read(wanted)

    chip = Floating(1000)
    converter = Nau7802(MockI2c({0x2A: chip}), no_wait)
    assert converter.ask().value == 1000
    chip.is_held_up = True
    for _ in range(2):
        assert answered(converter.ask).missing is Missing.ABSENT
    chip.is_held_up = False
    assert answered(converter.ask).value == 1000


def test_a_converter_without_a_load_cell_says_so() -> None:
    chip = MockNau7802()
    chip.fails_calibration = True
    reading = answered(Nau7802(MockI2c({0x2A: chip}), no_wait).ask)
    assert reading.missing is Missing.ABSENT
    assert "load cell" in (reading.detail or "")


def test_eight_scales_with_one_address_stand_behind_a_multiplexer() -> None:
    bus = MockI2c()
    bus.muxes[0x70] = MockMux({n: {0x2A: MockNau7802(1000 * n)} for n in range(8)})
    scales = [Nau7802(MuxChannel(bus, 0x70, n), no_wait) for n in range(8)]
    for _ in range(2):
        assert [scale.ask().value for scale in scales] == [1000 * n for n in range(8)]
        bus.muxes[0x70].reset()


def test_a_multiplexer_that_does_not_take_its_channel_is_no_answer() -> None:
    class Deaf(MockMux):
        def written(self, sent: bytes) -> None:
            """It was reset in the meantime."""

    bus = MockI2c()
    bus.muxes[0x70] = Deaf({2: {0x2A: MockNau7802()}})
    with pytest.raises(NoAnswer, match="another channel"):
        MuxChannel(bus, 0x70, 2).transfer(0x2A, b"\x00", 1)


def test_counts_become_kilograms_and_kilograms_a_share_of_full() -> None:
    shelf = Shelf(zero_counts=-18_250, counts_per_kg=104_300, empty_kg=0.2, full_kg=4.2)
    scale = Scale(lambda: Reading.of(86_050.0), shelf)
    assert scale.ask().value == pytest.approx(0.2)
    assert scale.counts == 86_050.0
    broken: Reading[float] = Reading.without(Missing.RANGE)
    scale = Scale(lambda: broken, shelf)
    assert scale.ask() == broken
    assert scale.counts is None


class FakeSmbus:
    """smbus2.SMBus with its own i2c_msg, over the mock bus; `fails` counts down."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.chip = MockSht31(celsius=21.0)
        self.calls: list[list[tuple[int, int, bytes]]] = []
        self.fails = 0
        self.is_closed = False

    def i2c_rdwr(self, *messages: Any) -> None:
        """One combined transfer, in place as the kernel does it."""
        self.calls.append([(one.addr, one.flags, bytes(one)) for one in messages])
        if self.fails:
            self.fails -= 1
            raise OSError(121, "Remote I/O error")
        for one in messages:
            if one.flags:
                for at, byte in enumerate(self.chip.read(one.len)):
                    one.buf[at] = byte
            else:
                self.chip.written(bytes(one))

    def close(self) -> None:
        """Take note."""
        self.is_closed = True


def test_smbus2_carries_the_bytes_and_is_opened_anew_after_a_failure() -> None:
    opened: list[FakeSmbus] = []

    def smbus(number: int) -> FakeSmbus:
        opened.append(FakeSmbus(number))
        opened[-1].fails = 1 if len(opened) == 1 else 0
        return opened[-1]

    bus = LinuxI2c(1, smbus)
    reading = answered(Sht31(bus, 0x44, no_wait).ask)
    assert reading.missing is Missing.ABSENT
    assert reading.detail == "I2C bus 1, address 0x44: Remote I/O error"
    air = answered(Sht31(bus, 0x44, no_wait).ask).value
    assert air is not None
    assert air.celsius == pytest.approx(21.0, abs=0.01)
    assert [one.number for one in opened] == [1, 1]
    assert opened[0].is_closed
    assert opened[1].calls[0] == [(0x44, 0, b"\x30\xa2")]
    bus.close()
    assert opened[1].is_closed


def test_a_write_and_its_read_are_one_transfer() -> None:
    fake = FakeSmbus(1)
    fake.chip.written(b"\x24\x00")
    LinuxI2c(1, lambda number: fake).transfer(0x44, b"\x24\x00", 6)
    assert [(address, flags) for address, flags, _ in fake.calls[0]] == [(0x44, 0), (0x44, 1)]


def test_a_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbus2", None)
    reading = answered(Sht31(LinuxI2c(1), 0x44, no_wait).ask)
    assert reading == Reading.without(Missing.NO_LIBRARY)
    assert reading.detail == "the library smbus2 is missing: install warmstation[pi]"
