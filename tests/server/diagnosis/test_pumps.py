"""What the outlet's link learns of a heat pump: starts, defrosts, what it gives unwanted."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest

from tests.support.minutes import a_minute
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.modulation import Modulation
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.patience import Frosts
from warmstation_server.diagnosis.starts import Starts


def test_no_defrost_is_awaited_where_the_pump_has_run_for_days_without_one() -> None:
    frosts = Frosts()
    for _ in range(1000):
        frosts.after(7.0, 1.0)

    assert [frosts.may_come(outdoor) for outdoor in (12.0, 7.0, -3.0)] == [False, False, True]


def _pump_runs(outlet: Outlet, share: float, minutes: range, *, may_learn: bool) -> set[str | None]:
    """Ten minutes of rest in every forty; what is said meanwhile of `share` of the usual heat."""
    rng, z, said = random.Random(11), 0.0, set()
    for n in minutes:
        call = 1.0 if n % 40 >= 10 else 0.0
        z = 0.6 * z + share * 8.0 * call + rng.gauss(0.0, 0.15)
        minute = a_minute(n, call=call, excess_k=z, regime=0)
        outlet.after(minute, call, "heatpump", may_learn=may_learn)
        said.add(outlet.verdict())
    return said


def test_a_pump_that_comes_back_from_a_defrost_is_not_weak_and_one_at_half_its_heat_is() -> None:
    outlet = Outlet()
    _pump_runs(outlet, 1.0, range(2000), may_learn=True)
    half = deepcopy(outlet)

    said = _pump_runs(outlet, -0.1, range(2020, 2027), may_learn=False)
    said |= _pump_runs(outlet, 1.0, range(2027, 2120), may_learn=False)

    assert said == {None}
    assert "weak" in _pump_runs(half, 0.5, range(2040, 2120), may_learn=False)


def test_of_a_defrost_nothing_counts_as_weak_heat_before_the_pump_was_warm_for_minutes() -> None:
    pump, weak = Modulation(low_k=10.0), Cusum()
    steps = []
    for heat_k in [0.0] * 8 + [9.0] * 6:
        pump.none(30.0, heat_k, 0.5, 1.0)
        steps.append(pump.weak(1.0, 0.5, 1.0, (weak,), heat_k / 18.0))

    assert steps == [0.0] * 12 + [1.0] * 2


@pytest.mark.parametrize(("warm_min", "is_suspect"), [(2.0, True), (5.0, False)])
def test_a_defrost_that_is_not_quite_over_teaches_nothing(
    warm_min: float, is_suspect: bool
) -> None:
    outlet = Outlet(modulation=Modulation(low_k=10.0, warm_min=warm_min))

    assert outlet.is_suspect is is_suspect


def _waiting_pump(outlet: Outlet, share: float, minutes: range) -> int | None:
    """Nine minutes of call in every twenty, of which it waits for three; when it is told of."""
    rng, z = random.Random(13), 0.0
    for n in minutes:
        call = 1.0 if n % 20 >= 11 else 0.0
        runs = n % 20 >= 14
        z = 0.7 * z + share * 9.0 * runs + rng.gauss(0.0, 0.2)
        minute = a_minute(n, call=call, excess_k=z, regime=0)
        outlet.after(minute, call, "heatpump", may_learn=share == 1.0)
        if n - minutes.start > 20 and share == 1.0:
            assert outlet.verdict() is None
        elif outlet.verdict():
            return n - minutes.start
    return None


def test_what_a_pump_waits_for_at_each_start_is_no_lack_of_heat() -> None:
    outlet = Outlet()
    _waiting_pump(outlet, 1.0, range(4000))

    assert outlet.starts.delay_min == pytest.approx(3.0)
    told_min = _waiting_pump(outlet, 0.5, range(4011, 4400))
    assert told_min is not None
    assert told_min < 60


def test_a_start_with_a_defrost_makes_no_call_wait() -> None:
    starts = Starts()
    for n in range(40):
        for run_min in range(1, 16):
            waits = 9 if n % 8 == 7 else 2
            starts.after(run_min, 1.0, 0.0 if run_min == 1 else 5.0, 10.0 * (run_min > waits), 8.0)
        starts.after(0.0, 1.0, 5.0, 0.0, 8.0)

    assert starts.delay_min == pytest.approx(2.0, abs=0.15)
    assert [starts.share(minutes, 1.0) for minutes in (1.0, 4.0)] == [0.0, 1.0]
    assert 3.0 <= starts.late_min <= 5.0


@pytest.mark.parametrize(("want_k", "counted"), [(-1.2, 0.0), (-0.75, 0.5), (-0.2, 1.0)])
def test_a_pump_that_gives_little_to_a_room_far_above_its_level_is_not_weak(
    want_k: float, counted: float
) -> None:
    pump, weak = Modulation(low_k=10.0), Cusum()

    assert pump.weak(1.0, want_k, 1.0, (weak,), 0.5) == pytest.approx(counted)
    assert pump.weak(-1.0, want_k, 1.0, (weak,), 1.0) == -1.0
