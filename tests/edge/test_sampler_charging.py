"""E-bike points on the example station's mock board: when their contactor opens."""

from __future__ import annotations

from pathlib import Path

from tests.support.stations import example_tables, station
from warmstation_wire import Calibration, Desired


def test_smoke_opens_the_contactor_within_a_second(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        assert one.board.level(5)
        one.board.cut(25)
        safety = one.run(1).safety
        assert safety is not None
        assert (safety.smoke, safety.contactor) == (True, "open")
        assert not one.board.level(5)


def test_an_overheating_point_is_out_of_order_until_somebody_closes_it(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        one.board.set_celsius("28-0316a2791bff", 61.0)
        one.run(11)
        assert one.faults() == {("e1", "overheat")}
        assert not one.board.level(5)
        assert one.sampler.close_contactor("e1") == "e1: it is still 61.0 °C warm"
        one.board.set_celsius("28-0316a2791bff", 30.0)
        measured = one.run(11)
        assert (measured.chargers or ())[2].state == "outoforder"
        assert one.sampler.close_contactor("e1") is None
        measured = one.run(1)
        assert (measured.chargers or ())[2].state == "available"
        assert one.board.level(5)


def test_points_are_watched_however_slowly_the_server_wants_samples(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.sampler.apply(Desired(revision=2, sample_s=60))
        one.run(15)
        one.board.set_celsius("28-0316a2791bff", 61.0)
        one.run(11)
        assert one.faults() == {("e1", "overheat")}


def test_no_correction_hides_a_danger(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        mild = {"e1.probe": Calibration(scale=0.001, offset=20), "e1": Calibration(scale=0.001)}
        one.sampler.apply(Desired(revision=2, calibration=mild))
        one.run(15)
        assert one.board.level(5)
        one.board.set_celsius("28-0316a2791bff", 61.0)
        one.run(11)
        assert one.faults() == {("e1", "overheat")}
    with station(tmp_path / "other") as one:
        one.sampler.apply(Desired(revision=2, calibration=mild))
        one.run(15)
        one.board.set_volts("a2", 3.1)  # 1,660 W
        one.run(11)
        assert one.faults() == {("e1", "overcurrent")}
        assert not one.board.level(5)


def test_no_correction_hides_how_long_a_charge_has_lasted(tmp_path: Path) -> None:
    """The report shows what the correction makes of it; the limit counts what was measured."""
    for number, idle in enumerate((Calibration(scale=0.001), Calibration(offset=-400.0))):
        tables = example_tables()
        (point,) = (charger for charger in tables["chargers"] if charger["id"] == "e1")
        point["max_h"] = 0.1
        with station(tmp_path / str(number), tables) as one:
            one.sampler.apply(Desired(revision=2, sample_s=60, calibration={"e1": idle}))
            one.run(15)
            one.board.set_volts("a2", 0.83)  # 300 W
            measured = one.run(11)
            assert (measured.chargers or ())[2].state == "available"
            one.run(360 - 60)
            assert one.board.level(5)
            one.run(120)
            assert ("e1", "too_long") in one.faults()
            assert not one.board.level(5)


def test_a_contactor_opens_and_closes_by_command(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        assert one.sampler.open_contactor() is None
        measured = one.run(1)
        assert (measured.chargers or ())[2].state == "inoperative"
        assert not one.board.level(5)
        assert one.sampler.close_contactor() is None
        assert (one.run(1).chargers or ())[2].state == "available"
        assert one.sampler.open_contactor("e9") == "there is no e-bike point e9"


def test_a_welded_contactor_is_a_fault(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        one.feedback_follows = False
        one.sampler.open_contactor("e1")
        measured = one.run(3)
        assert one.faults() == {("e1.contactor", "welded")}
        assert (measured.chargers or ())[2].state == "outoforder"
        assert measured.safety is not None
        assert measured.safety.contactor == "fault"


def test_closing_the_sampler_opens_the_contactor(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        assert one.board.level(5)
        one.sampler.close()
        assert not one.board.level(5)


def test_a_contactor_that_its_driver_refused_once_is_opened_with_the_next_turn(
    tmp_path: Path,
) -> None:
    with station(tmp_path) as one:
        one.run(15)
        one.board.break_pin(5)
        one.board.set_celsius("28-0316a2791bff", 61.0)
        one.run(11)
        assert one.board.level(5), "it could not be opened"
        assert one.faults() == {("e1", "overheat"), ("e1.contactor", "absent")}
        one.board.break_pin(5, is_broken=False)
        one.run(0.25)
        assert not one.board.level(5)


def test_a_driver_that_refuses_to_open_still_lets_go_of_the_pin(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        one.board.break_pin(5)
        one.sampler.close()
        assert one.board.factory.pin(5).function == "input", "it floats, and the driver opens"


def test_a_meter_that_is_corrected_beyond_its_range_hides_no_weld(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.sampler.apply(Desired(revision=2, calibration={"e1": Calibration(scale=1000)}))
        one.run(15)
        one.sampler.open_contactor("e1")
        one.board.set_volts("a2", 0.83)  # 300 W through an open contactor
        one.run(30)
        assert ("e1.contactor", "welded") in one.faults()
