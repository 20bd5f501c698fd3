"""What of a sensor's readings is believed, with numbers small enough to follow by hand."""

from __future__ import annotations

from warmstation_server.diagnosis.frozen import Repeats
from warmstation_server.diagnosis.sanity import Sanity


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
        value = 20.0 + (n % 7) * 0.1 if is_busy else 20.0 + n // 180
        repeats.turned_stuck(value, 60.0 * n, is_busy=is_busy, is_learned=n > 3000)
    stuck = [
        repeats.turned_stuck(20.05, 60.0 * (6000 + n), is_busy=True, is_learned=True)
        for n in range(60)
    ]

    assert stuck.index(True) < 45


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

    assert told == {"lively": 1, "quiet": 0}
