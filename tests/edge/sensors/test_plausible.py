from __future__ import annotations

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.plausible import (
    NEIGHBOUR_S,
    SETTLE_S,
    STUCK_ALONE_S,
    STUCK_S,
    History,
    after_celsius,
    after_driver,
    judged,
)

HOUR_S = 3600.0


class Probe:
    """A history that is told values and drivers in turn."""

    def __init__(self) -> None:
        self.history = History()

    def says(self, celsius: float, at: float, driver: bool | None = None) -> Reading[float]:
        self.history = after_driver(self.history, driver, at)
        self.history = after_celsius(self.history, celsius, at)
        return judged(self.history, celsius, at)


def test_a_probes_first_85_degrees_are_its_power_on_value() -> None:
    probe = Probe()
    assert probe.says(85.0, 0).missing is Missing.POWER_ON
    assert probe.says(85.0, 5).missing is Missing.POWER_ON


def test_85_degrees_after_20_are_the_power_on_value() -> None:
    probe = Probe()
    probe.says(20.0, 0)
    assert probe.says(85.0, 5).missing is Missing.POWER_ON
    assert probe.says(20.0625, 10) == Reading.of(20.0625)


def test_85_degrees_between_84_and_86_are_real() -> None:
    probe = Probe()
    assert [probe.says(celsius, at).value for at, celsius in enumerate((84.0, 85.0, 85.0, 86.0))]
    assert probe.says(85.0, 5) == Reading.of(85.0)


def test_a_neighbour_of_long_ago_proves_nothing() -> None:
    probe = Probe()
    probe.says(80.0, 0)
    assert probe.says(85.0, NEIGHBOUR_S + 1).missing is Missing.POWER_ON


def test_a_still_room_may_read_the_same_for_hours() -> None:
    probe = Probe()
    for hour in range(12):
        assert probe.says(19.5, hour * HOUR_S, driver=False) == Reading.of(19.5)


def test_a_probe_that_does_not_answer_to_its_heater_is_stuck() -> None:
    probe = Probe()
    probe.says(19.5, 0, driver=False)
    probe.says(19.5, 1 * HOUR_S, driver=True)
    assert probe.says(19.5, STUCK_S - 1, driver=True) == Reading.of(19.5)
    assert probe.says(19.5, STUCK_S, driver=True).missing is Missing.STUCK
    assert probe.says(19.5625, STUCK_S + 5, driver=True) == Reading.of(19.5625)


def test_a_heater_that_has_just_switched_proves_nothing_yet() -> None:
    probe = Probe()
    probe.says(19.5, 0, driver=False)
    probe.says(19.5, STUCK_S, driver=True)
    assert probe.says(19.5, STUCK_S + SETTLE_S - 1, driver=True) == Reading.of(19.5)
    assert probe.says(19.5, STUCK_S + SETTLE_S, driver=True).missing is Missing.STUCK


def test_a_heater_that_cycles_faster_than_a_room_settles_hides_no_stuck_probe() -> None:
    probe = Probe()
    for turn in range(18):
        assert probe.says(19.5, turn * 600.0, driver=turn % 2 == 0) == Reading.of(19.5)
    assert probe.says(19.5, STUCK_S, driver=True).missing is Missing.STUCK


def test_half_a_day_without_a_sixteenth_of_noise_is_stuck_with_or_without_heater() -> None:
    probe = Probe()
    probe.says(-3.0, 0)
    assert probe.says(-3.0, STUCK_ALONE_S - 1) == Reading.of(-3.0)
    assert probe.says(-3.0, STUCK_ALONE_S).missing is Missing.STUCK
