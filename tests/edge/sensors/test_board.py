"""Single sensors, each on the mock board."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import InputDevice

from tests.support.clocks import FakeClock
from tests.support.stations import example_tables
from warmstation_edge.people import Beam, Edge
from warmstation_edge.profile import Profile, parse
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.adc import AdcChannel, LevelGauge, PowerTransducer
from warmstation_edge.sensors.beams import BeamPair
from warmstation_edge.sensors.contact import Contact
from warmstation_edge.sensors.contactor import Contactor
from warmstation_edge.sensors.guarded import Guarded
from warmstation_edge.sensors.low_float import LowFloat
from warmstation_edge.sensors.mock import MockBoard

PROFILE: Profile = parse(example_tables())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def board(tmp_path: Path, clock: FakeClock) -> Iterator[MockBoard]:
    board = MockBoard(PROFILE, tmp_path, clock.monotonic)
    yield board
    board.close()


def channel(board: MockBoard, number: int) -> AdcChannel:
    return AdcChannel(PROFILE.adc[0], number, pin_factory=board.factory)


def test_a_contact_reads_its_level_and_a_cut_wire_reads_high(board: MockBoard) -> None:
    contact = Contact(25, true_level=True, pin_factory=board.factory)
    assert contact.read(0).value is True  # nothing is connected yet
    board.drive(25, False)
    assert contact.read(1).value is False
    board.cut(25)
    assert contact.read(2).value is True


def test_what_drives_a_pin_before_the_agent_starts_is_seen(board: MockBoard) -> None:
    board.drive(25, False)
    assert Contact(25, true_level=True, pin_factory=board.factory).read(0).value is False


def test_a_contact_that_settles_ignores_a_bounce(board: MockBoard) -> None:
    board.drive(25, False)
    contact = Contact(25, true_level=True, settle_s=0.4, pin_factory=board.factory)
    told = []
    for at, high in ((0.0, False), (0.25, True), (0.5, False), (0.75, True), (1.25, True)):
        board.drive(25, high)
        told.append(contact.read(at).value)
    assert told == [False, False, False, False, True]


def test_every_edge_of_the_beams_is_queued_with_its_time(
    board: MockBoard, clock: FakeClock
) -> None:
    board.drive(17, False)
    board.drive(27, False)
    beams = BeamPair(17, 27, monotonic=clock.monotonic, pin_factory=board.factory)
    assert beams.drain(1000.0) == []
    board.drive(27, True, at=999.75)
    board.drive(17, True, at=999.5)
    board.drive(17, False)
    assert beams.drain(1000.0) == [
        Edge(999.5, Beam.OUTER, True),
        Edge(999.75, Beam.INNER, True),
        Edge(1000.0, Beam.OUTER, False),
    ]
    assert beams.drain(1000.25) == []


def test_a_beam_that_is_interrupted_at_start_is_told(board: MockBoard, clock: FakeClock) -> None:
    board.drive(27, False)
    beams = BeamPair(17, 27, monotonic=clock.monotonic, pin_factory=board.factory)
    assert beams.drain(1000.0) == [Edge(1000.0, Beam.OUTER, True)]


def test_an_edge_stamped_by_another_clock_is_told_as_now(
    board: MockBoard, clock: FakeClock
) -> None:
    board.drive(17, False)
    board.drive(27, False)
    beams = BeamPair(17, 27, monotonic=clock.monotonic, pin_factory=board.factory)
    board.drive(17, True, at=1.7e9)
    assert beams.drain(1000.0) == [Edge(1000.0, Beam.OUTER, True)]


@pytest.mark.parametrize("number", range(8))
def test_each_channel_of_the_adc_has_its_own_volts(board: MockBoard, number: int) -> None:
    for other in range(8):
        board.set_volts(f"a{other}", 0.1 * other)
    assert channel(board, number).volts() == pytest.approx(0.1 * number, abs=0.002)


def test_power_is_what_the_transducer_says_beyond_its_zero(board: MockBoard) -> None:
    transducer = PowerTransducer(channel(board, 0), 600.0, 0.33)
    told = []
    for volts in (0.33, 1.33, 0.30, 0.0, 3.3):
        board.set_volts("a0", volts)
        told.append(transducer.read(0))
    assert told[0].value == pytest.approx(0, abs=2)
    assert told[1].value == pytest.approx(600, abs=2)
    assert told[2:] == [
        Reading.of(0.0),
        Reading.without(Missing.ABSENT),
        Reading.without(Missing.RANGE),
    ]


def test_a_level_lies_between_empty_and_full(board: MockBoard) -> None:
    gauge = LevelGauge(channel(board, 5), 0.4, 2.9)
    told = []
    for volts in (0.4, 1.65, 2.95, 0.0, 3.3):
        board.set_volts("a5", volts)
        told.append(gauge.read(0))
    assert [reading.value for reading in told[:3]] == pytest.approx([0, 0.5, 1], abs=0.002)
    assert told[3:] == [Reading.without(Missing.RANGE)] * 2


def test_a_gauge_may_fall_as_its_tank_fills(board: MockBoard) -> None:
    board.set_volts("a5", 2.9)
    assert LevelGauge(channel(board, 5), 2.9, 0.4).read(0).value == pytest.approx(0, abs=0.002)


def test_a_float_tells_low_and_enough(board: MockBoard) -> None:
    board.drive(16, False)
    low_float = LowFloat(Contact(16, true_level=True, pin_factory=board.factory))
    assert low_float.read(0).value == 0.5
    board.cut(16)
    assert low_float.read(1).value == 0.1


def test_a_contactor_is_open_until_told_and_after_it_is_let_go(board: MockBoard) -> None:
    contactor = Contactor(5, 6, pin_factory=board.factory)
    assert not board.level(5)
    contactor.drive(True)
    assert board.level(5)
    contactor.close()
    assert not board.level(5)


def test_a_contactor_that_does_not_follow_is_stuck(board: MockBoard) -> None:
    board.drive(6, True)
    contactor = Contactor(5, 6, pin_factory=board.factory)
    assert contactor.read(0) == Reading.of(False)
    contactor.drive(True)
    assert contactor.read(1) == Reading.of(False)
    assert contactor.read(3) == Reading.without(Missing.STUCK)
    board.drive(6, False)
    assert contactor.read(4) == Reading.of(True)


def test_a_bus_that_breaks_is_contained_and_comes_back(board: MockBoard) -> None:
    sensor = Guarded("p1", lambda: PowerTransducer(channel(board, 0), 40.0, 0.0))
    board.break_adc("a")
    assert sensor.read(0) == Reading.without(Missing.ABSENT)
    board.break_adc("a", False)
    assert sensor.read(1) == Reading.of(0.0)


def test_a_pin_that_is_taken_is_an_absent_sensor(board: MockBoard) -> None:
    with InputDevice(25, pin_factory=board.factory):
        sensor = Guarded("smoke", lambda: Contact(25, true_level=True, pin_factory=board.factory))
        assert sensor.read(0) == Reading.without(Missing.ABSENT)
        sensor.close()


def test_boards_share_nothing(tmp_path: Path, board: MockBoard) -> None:
    other = MockBoard(PROFILE, tmp_path / "other")
    board.set_volts("a0", 1.0)
    board.drive(17, True)
    other.drive(17, False)
    assert channel(other, 0).volts() == 0
    assert board.level(17)
    other.close()


def test_a_probe_can_be_unplugged_and_plugged_again(board: MockBoard, tmp_path: Path) -> None:
    file = tmp_path / "28-0316a2795aff/w1_slave"
    board.set_celsius("28-0316a2795aff", 20.0)
    board.unplug_probe("28-0316a2795aff")
    assert not file.parent.exists()
    board.set_celsius("28-0316a2795aff", 20.0)
    assert file.read_text().rstrip().endswith("t=20000")
