"""What an outlet and a meter say beyond heat: a probe that fell off, air that no longer flows."""

from __future__ import annotations

import pytest

from warmstation_server.diagnosis.felt import Felt
from warmstation_server.diagnosis.isolation import Links, named
from warmstation_server.diagnosis.peaks import Peaks
from warmstation_server.diagnosis.per_watt import PerWatt
from warmstation_server.diagnosis.probe import Probe
from warmstation_server.diagnosis.sample import Minute


def _probe_after(*warm_k: float, cooling: float, length_min: float = 1.0) -> bool:
    probe = Probe()
    for before, now in zip((warm_k[0], *warm_k), warm_k, strict=False):
        probe.after(before, cooling * before - now, length_min, 0.04, 15.0)
        length_min = 1.0
    return probe.has_fallen_off


def test_probe_that_is_cold_at_once_has_left_a_radiator_that_cools_for_an_hour() -> None:
    assert _probe_after(15.0, 15.0, 4.0, 1.0, cooling=0.95)


def test_dead_heater_cools_at_its_own_pace_and_its_probe_is_where_it_was() -> None:
    assert not _probe_after(15.0, 14.3, 13.6, 12.9, cooling=0.95)
    assert not _probe_after(15.0, 7.5, 3.7, 1.8, cooling=0.5)


def test_probe_that_is_warm_again_is_back() -> None:
    assert not _probe_after(15.0, 15.0, 4.0, 1.0, 9.0, 9.0, cooling=0.95)


def test_fall_after_a_lost_report_proves_nothing() -> None:
    probe = Probe()
    probe.after(15.0, 0.0, 1.0, 0.04, 15.0)
    probe.after(15.0, 10.0, 4.0, 0.04, 15.0)

    assert not probe.has_fallen_off


def _running(number: int, watts: float) -> Minute:
    return Minute(60.0 * number, 1.0, 20.0, 10.0, 0.0, 1.0, watts, None, True, False)


def _told_after(share: float) -> int | None:
    """Minutes until a watt that brings a share of its usual warmth is called hot."""
    per_watt = PerWatt()
    for n in range(600):
        watts = 600.0 + 300.0 * (n % 50) / 50.0  # it modulates: its warmth alone says nothing
        per_watt.after(_running(n, watts), 0.02 * watts, 900.0, 20.0, 0.8, may_learn=True)
    for n in range(600, 660):
        per_watt.after(_running(n, 700.0), share * 14.0, 900.0, 20.0, 0.8, may_learn=False)
        if per_watt.hot.is_raised:
            return n - 599
    return None


@pytest.mark.parametrize(("share", "minutes"), [(1.8, 9), (1.2, None), (0.5, None)])
def test_watts_that_bring_far_more_warmth_than_ever_are_told(
    share: float, minutes: int | None
) -> None:
    assert _told_after(share) == minutes


def test_what_a_watt_brings_while_it_defrosts_is_neither_judged_nor_learned() -> None:
    per_watt = PerWatt()
    for n in range(1200):
        is_frosted = n % 100 < 40
        excess_k = -5.0 if is_frosted else 28.0
        minute = _running(n, 1400.0)
        per_watt.after(minute, excess_k, 1400.0, 20.0, 0.8, may_learn=True, is_frosted=is_frosted)

    assert not per_watt.hot.is_raised
    assert max(per_watt.usual) > 0.9 * 28.0 / 1400.0


def test_a_watt_brings_more_to_a_compressor_that_turns_slower() -> None:
    per_watt = PerWatt()
    for n in range(1000):  # a cold week by night
        per_watt.after(_running(n, 1700.0), 20.0, 1700.0, 20.0, 0.9, may_learn=True)
    assert per_watt.knows(1700.0)
    assert not per_watt.knows(650.0)

    for n in range(1000, 1100):  # and a mild day
        per_watt.after(_running(n, 650.0), 11.0, 1700.0, 20.0, 0.9, may_learn=True)
        assert not per_watt.hot.is_raised


_DRAW_W = (174, 350, 517, 650, 751, 700, 588, 500, 402, 330, 256, 210, 174)
_EXCESS_K = (1.6, 3.0, 4.8, 7.5, 10.1, 12.5, 14.3, 14.7, 14.8, 14.0, 12.9, 11.5, 10.0)


def test_short_calls_whose_draw_falls_faster_than_the_outlet_are_not_hot() -> None:
    per_watt = PerWatt()
    for n in range(1000):
        per_watt.after(_running(n, 300.0), 6.9, 300.0, 20.0, 0.92, may_learn=True)
    for n in range(1000, 1500):  # a good ten minutes of call, and as much rest
        phase = n % 25
        is_run = phase < len(_DRAW_W)
        watts, excess_k = (_DRAW_W[phase], _EXCESS_K[phase]) if is_run else (1, 3.0)
        minute, run_min = _running(n, float(watts)), phase + 1.0 if is_run else 0.0
        per_watt.after(minute, excess_k, 300.0, run_min, 0.92, may_learn=False)
        assert not per_watt.hot.is_raised


def test_a_pump_that_throttles_is_still_warm_of_what_it_drew_and_not_hot() -> None:
    per_watt, excess_k = PerWatt(), 28.0
    for n in range(600):
        per_watt.after(_running(n, 1400.0), excess_k, 1400.0, 20.0, 0.9, may_learn=True)
    for n in range(600, 640):
        excess_k += 0.1 * (12.0 - excess_k)  # towards what 600 W bring
        per_watt.after(_running(n, 600.0), excess_k, 1400.0, 20.0, 0.9, may_learn=False)
        assert not per_watt.hot.is_raised


def test_what_no_longer_draws_is_no_longer_hot() -> None:
    per_watt = PerWatt()
    for n in range(600):
        per_watt.after(_running(n, 700.0), 14.0, 900.0, 20.0, 0.8, may_learn=True)
    for n in range(600, 620):
        per_watt.after(_running(n, 700.0), 30.0, 900.0, 20.0, 0.8, may_learn=False)
    assert per_watt.hot.is_raised
    for n in range(620, 680):
        per_watt.after(_running(n, 0.0), 0.0, 900.0, 20.0, 0.8, may_learn=False)

    assert not per_watt.hot.is_raised
    assert named(Links(outlet="over", power="none")) == named(Links(power="none"))


def _peaks_after(*best: tuple[float, float]) -> Peaks:
    """Twenty-five blocks of four hours at (warmth in K, loss), then those given."""
    peaks = Peaks()
    for number, (heat_k, loss) in enumerate([(20.0, 1.0)] * 25 + list(best)):
        for minute in range(242):
            peaks.after(heat_k, loss, 14_520.0 * number + 60.0 * minute, 1.0)
    return peaks


@pytest.mark.parametrize(
    ("best", "is_poor"),
    [
        ([(10.0, 1.0)], False),  # one block may be an odd one
        ([(10.0, 1.0)] * 2, True),
        ([(10.0, 0.5)] * 2, False),  # mild weather: as much as ever for each kelvin lost
        ([(17.0, 1.7)] * 2, False),  # a cold night: all that it has
        ([(10.0, 1.0)] * 40, False),  # for a week: the new usual
    ],
)
def test_a_pump_that_gives_less_than_ever_in_both_ways_is_weak(
    best: list[tuple[float, float]], is_poor: bool
) -> None:
    assert _peaks_after(*best).is_poor == is_poor


def _surplus_after(error: float, unseen_k: float) -> bool:
    felt = Felt()
    for number in range(6):
        felt.weigh_surplus(error, unseen_k, 1.0, 0.2, 180.0 * number, 3.0)
    return felt.surplus.is_raised


def test_heat_that_is_shown_and_not_felt_is_told_and_an_open_door_is_not() -> None:
    assert _surplus_after(error=-0.8, unseen_k=-0.8)
    assert not _surplus_after(error=0.0, unseen_k=-0.8)  # the room feels what is shown
    assert not _surplus_after(error=-0.8, unseen_k=0.0)  # a door: the outlet shows no more
    assert not _surplus_after(error=-2.5, unseen_k=-0.8)  # more is lost than is shown


def test_what_the_outlet_hides_is_decided_by_the_room() -> None:
    heated, cold = Felt(), Felt()
    for _ in range(3):
        heated.weigh(0.5, 0.8, 0.2)  # a slow radiator brings but half of it for now
        cold.weigh(0.0, 0.8, 0.2)

    assert heated.heated > 3.0 > -3.0 > cold.heated
