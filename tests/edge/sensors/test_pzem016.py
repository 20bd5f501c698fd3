"""A PZEM-016 at the level of bytes, on a pseudo terminal."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import serial

from warmstation_edge.errors import BadCrc, ForeignAnswer, NoAnswer
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.background import answered
from warmstation_edge.sensors.mock_line import Line, Meter, crc, line
from warmstation_edge.sensors.modbus import crc16, read_input, registers
from warmstation_edge.sensors.pzem016 import Mains, Pzem016
from warmstation_edge.sensors.serial_line import SerialLine

PATIENCE_S = 60.0


@contextmanager
def asked(found: dict[int, Meter]) -> Iterator[tuple[Line, SerialLine]]:
    """Meters on a line whose time for an answer begins when they have answered, or will not."""
    with line(found) as wire, pytest.MonkeyPatch.context() as patch:

        class Unhurried(serial.Serial):
            def flush(self) -> None:
                super().flush()
                assert wire.settle(PATIENCE_S), "the mock of the line is dead"

        patch.setattr(serial, "Serial", Unhurried)
        with closing(SerialLine(wire.port, 9600, answer_s=0.1)) as one:
            yield wire, one


@contextmanager
def meters(found: dict[int, Meter], ask: int = 1) -> Iterator[tuple[Line, Pzem016]]:
    with asked(found) as (wire, one):
        yield wire, Pzem016(one, ask)


def test_the_question_is_the_manuals_own_bytes() -> None:
    assert read_input(1, 0, 10).hex() == "01040000000a700d"
    assert crc16(b"\x01\x04\x00\x00\x00\x0a") == crc(b"\x01\x04\x00\x00\x00\x0a") == b"\x70\x0d"


def test_all_registers_are_read_with_the_low_word_first() -> None:
    with meters({1: Meter(amperes=70.001, watts=16_070.3, energy_wh=70_001)}) as (wire, meter):
        assert meter.mains() == Mains(229.6, 70.001, 16_070.3, 70_001, 50.0, 0.98)
        assert list(wire.questions) == [bytes.fromhex("01040000000a700d")]


def test_power_is_told_in_watts() -> None:
    with meters({1: Meter(watts=285.4)}) as (_, meter):
        assert answered(meter.ask) == Reading.of(285.4)


@pytest.mark.parametrize(
    ("broken", "missing"),
    [
        (Meter(is_silent=True), Missing.ABSENT),
        (Meter(spoils_crc=True), Missing.CRC),
        (Meter(cuts_to=3), Missing.CRC),
        (Meter(cuts_to=20), Missing.CRC),
        (Meter(answers_as=7), Missing.FOREIGN),
        (Meter(exception=2), Missing.FOREIGN),
        (Meter(volts=12.0), Missing.ABSENT),
        (Meter(volts=380.0), Missing.RANGE),
        (Meter(amperes=120.0), Missing.RANGE),
    ],
)
def test_what_goes_wrong_on_the_line_is_a_reason(broken: Meter, missing: Missing) -> None:
    with meters({1: broken}) as (_, meter):
        reading = answered(meter.ask)
        assert reading == Reading.without(missing)
        assert reading.detail
        assert "1" in reading.detail or "12.0" in reading.detail


def test_it_recovers_with_the_next_question() -> None:
    one = Meter(spoils_crc=True)
    with meters({1: one}) as (_, meter):
        assert answered(meter.ask).missing is Missing.CRC
        one.spoils_crc = False
        assert answered(meter.ask).value == one.watts


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_one() -> None:
    with meters({1: Meter(watts=100.0)}) as (wire, meter):
        assert answered(meter.ask).value == 100.0
        late = b"\x02\x04\x02\x00\x01"
        wire.inject(late + crc(late))
        assert answered(meter.ask).value == 100.0


def test_several_meters_share_a_line() -> None:
    found = {number: Meter(watts=100.0 * number) for number in (1, 2, 3)}
    with asked(found) as (_, one):
        told = [Pzem016(one, number).ask().value for number in (3, 1, 2)]
    assert told == [300.0, 100.0, 200.0]


def test_an_adapter_that_is_unplugged_is_absent_and_taken_up_again() -> None:
    with line({1: Meter()}) as wire:
        gone = SerialLine(wire.port.with_name("no-such-tty"), 9600)
        reading = answered(Pzem016(gone, 1).ask)
        assert reading.missing is Missing.ABSENT
        assert "no-such-tty" in (reading.detail or "")


def test_an_adapter_that_is_unplugged_at_work_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Unplugged(serial.Serial):
        """As Linux answers tcflush() on a USB adapter that is gone."""

        opened = 0

        def __init__(self, *words: Any, **named: Any) -> None:
            Unplugged.opened += 1
            self.is_gone = Unplugged.opened == 1
            super().__init__(*words, **named)

        def reset_input_buffer(self) -> None:
            if self.is_gone:
                raise termios.error(5, "Input/output error")
            super().reset_input_buffer()

    monkeypatch.setattr(serial, "Serial", Unplugged)
    with meters({1: Meter(watts=100.0)}) as (_, meter):
        assert answered(meter.ask).missing is Missing.ABSENT
        assert answered(meter.ask).value == 100.0
    assert Unplugged.opened == 2


def test_a_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with line({1: Meter()}) as wire:
        reading = answered(Pzem016(SerialLine(wire.port, 9600), 1).ask)
    assert reading == Reading.without(Missing.NO_LIBRARY)
    assert reading.detail == "the library pyserial is missing: install warmstation[pi]"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", NoAnswer),
        (b"\x01", BadCrc),
        (b"\x01\x04\x02\x00\x01\x00\x00", BadCrc),
        (b"\x02\x04\x02\x00\x01" + crc(b"\x02\x04\x02\x00\x01"), ForeignAnswer),
        (b"\x01\x03\x02\x00\x01" + crc(b"\x01\x03\x02\x00\x01"), ForeignAnswer),
        (b"\x01\x84\x02" + crc(b"\x01\x84\x02"), ForeignAnswer),
        (b"\x01\x04\x04\x00\x01" + crc(b"\x01\x04\x04\x00\x01"), ForeignAnswer),
    ],
)
def test_bytes_that_answer_nothing_raise(answer: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        registers(answer, 1, 1)
