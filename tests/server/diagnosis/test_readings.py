"""What of a sensor's readings is believed, with numbers small enough to follow by hand."""

from __future__ import annotations

import random

import pytest

from warmstation_server.diagnosis.frozen import Repeats
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.sanity import Sanity
from warmstation_server.diagnosis.sensors import gap_findings


def test_glitch_is_rejected_and_the_next_value_passes() -> None:
    sanity = Sanity(-30.0, 60.0)
    assert sanity.passed(20.0, 0.0) == 20.0
    assert sanity.passed(85.0, 60.0) is None
    assert sanity.passed(float("nan"), 120.0) is None
    assert sanity.passed(20.1, 180.0) == 20.1


def test_a_jump_is_believed_when_three_values_agree() -> None:
    sanity = Sanity(-30.0, 60.0)
    sanity.passed(20.0, 0.0)

    assert [sanity.passed(12.0, 60.0 * n) for n in (1, 2, 3)] == [None, None, 12.0]


def test_a_room_that_leaps_is_believed_sooner_once_its_leaps_proved_true() -> None:
    sanity = Sanity(-30.0, 60.0)
    passed = [sanity.passed(15.0 + 9.0 * (n // 5 % 2), 60.0 * n) for n in range(40)]

    assert passed[5:7] == [None, None]
    assert passed[25:28] == [None, 24.0, 24.0]
    assert sanity.passed(85.0, 2400.0) is None


def test_one_glitch_an_hour_is_borne_and_a_burst_is_not() -> None:
    calm, burst = Sanity(-30.0, 60.0), Sanity(-30.0, 60.0)
    told = {"calm": 0, "burst": 0}
    for n in range(600):
        at_s = 60.0 * n
        calm.passed(85.0 if n % 90 == 5 else 20.0, at_s)
        burst.passed(85.0 if n % 5 == 4 else 20.0, at_s)
        told["calm"] += calm.turned_spiking(at_s)
        told["burst"] += burst.turned_spiking(at_s)

    assert told == {"calm": 0, "burst": 1}


def test_a_sensor_that_slept_at_night_may_not_sleep_by_day() -> None:
    repeats = Repeats()
    for n in range(6000):
        is_busy = n % 1440 > 360
        value = 20.0 + (n % 7) * 0.1 if is_busy else 20.0 + n // 180 % 5 * 0.1
        repeats.turned_stuck(value, 60.0 * n, is_busy=is_busy, is_learned=n > 3000)

    assert _frozen(repeats, 6000, should_move_k=0.02).index(True) < 45


def test_a_reading_that_is_seldom_sent_may_repeat_itself_a_few_times() -> None:
    """Once an hour, in sixteenths of a degree, like one house for eight years."""
    rng, repeats, value = random.Random(0), Repeats(), 20.0
    told = []
    for n in range(6030):
        if n < 6000 and rng.random() > 0.1:
            value = 20.0 + round(0.9 * (value - 20.0) * 16.0 + rng.choice((-2, -1, 1, 2))) / 16.0
        repeats.expect(0.1)
        told.append(repeats.turned_stuck(value, 3600.0 * n, is_busy=False, is_learned=n > 100))

    assert not any(told[:6000])
    assert told.index(True) < 6024


def test_a_reading_that_had_no_reason_to_move_is_not_stuck() -> None:
    lively, at_rest = Repeats(), Repeats()
    for n in range(3000):
        for repeats in (lively, at_rest):
            repeats.turned_stuck(20.0 + (n % 5) * 0.5, 60.0 * n, is_busy=True, is_learned=True)

    assert _frozen(lively, 3000, should_move_k=0.05).index(True) < 45
    assert not any(_frozen(at_rest, 3000, should_move_k=0.001))


def test_a_coarse_reading_of_a_room_that_is_held_to_and_fro_is_not_stuck() -> None:
    """A pump that modulates holds a room within a step of half a degree for hours."""
    held, told = Repeats(), []
    for n in range(3000):
        held.turned_stuck(20.0 + (n % 5) * 0.5, 60.0 * n, is_busy=True, is_learned=True)
    for n in range(3000, 3300):
        told.append(held.turned_stuck(20.05, 60.0 * n, is_busy=True, is_learned=True))
        held.expect(0.03 if n // 10 % 2 else -0.03)

    assert not any(told)


def test_a_model_that_errs_every_evening_is_not_believed_the_next() -> None:
    repeats, told = Repeats(), []
    for n in range(20 * 288):
        is_evening = n % 288 > 250
        value = 15.0 if is_evening else 20.0 + (n % 5) * 0.5
        told.append(repeats.turned_stuck(value, 300.0 * n, is_busy=True, is_learned=n > 600))
        repeats.expect(0.4 if is_evening else 0.0)

    assert not any(told)


def _frozen(repeats: Repeats, from_min: int, *, should_move_k: float) -> list[bool]:
    """An hour and a half of one value; what the room's model expects of it in a minute."""
    told = []
    for n in range(90):
        at_s = 60.0 * (from_min + n)
        told.append(repeats.turned_stuck(20.05, at_s, is_busy=True, is_learned=True))
        repeats.expect(should_move_k)
    return told


def test_a_quiet_sensor_may_repeat_itself_and_a_lively_one_may_not() -> None:
    lively, quiet = Repeats(), Repeats()
    told = {"lively": 0, "quiet": 0}
    for n in range(3000):
        stuck = n > 2950
        values = {"lively": 20.0 + (n % 5 if not stuck else 0) * 0.1, "quiet": 20.0 + n // 200}
        for name, repeats in (("lively", lively), ("quiet", quiet)):
            told[name] += repeats.turned_stuck(
                values[name], 60.0 * n, is_busy=True, is_learned=n > 1500
            )
            repeats.expect(0.02)

    assert told == {"lively": 1, "quiet": 0}


@pytest.mark.parametrize(("spread_k", "causes"), [(0.2, ["power_lost"]), (1.1, [])])
def test_a_room_that_swings_is_not_without_power_for_being_at_its_lowest_after_a_gap(
    spread_k: float, causes: list[str]
) -> None:
    parts = Parts(before_gap=23.0)
    parts.thermostat.on_mean, parts.thermostat.on_seen = [21.7, 11.0], [50.0, 50.0]
    parts.thermostat.on_spread = [0.2, 0.2]
    parts.thermostat.called_mean, parts.thermostat.called_min = 21.9, 900.0
    parts.thermostat.called_spread = spread_k
    gap = Minute(7200.0, 60.0, 19.5, -5.0, 0.0, 1.0, None, None, True, True)

    assert [finding.cause for finding in gap_findings(parts, gap)] == causes
