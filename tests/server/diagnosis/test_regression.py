"""How a link learns its station, and how evidence adds up."""

from __future__ import annotations

import pytest

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.regression import Regression


def test_regression_finds_the_line_it_was_shown() -> None:
    model = Regression.of([0.0, 0.0], 100.0)
    for number in range(200):
        x = [float(number % 7), 1.0]
        model.learn(x, 3.0 * x[0] - 2.0 - model.expected(x), 0.999)

    assert model.theta == pytest.approx([3.0, -2.0], abs=1e-3)


def test_regression_stays_finite_through_weeks_without_news() -> None:
    model = Regression.of([0.0, 0.0], 10.0)
    for _ in range(100_000):
        model.learn([0.0, 1.0], 0.0, 0.999)

    assert max(model.spread) < 2.0e4


def test_regression_follows_a_drift_though_one_of_its_inputs_never_moves() -> None:
    model, gain = Regression.of([0.0, 0.0, 0.0], 1.0), 1.0
    for number in range(60_000):
        if number >= 40_000:
            gain += 1.0e-4
        x = [0.0, float(number % 2), 1.0]
        model.learn(x, gain * x[1] + 2.0 - model.expected(x), 0.9997)

    assert model.theta[1:] == pytest.approx([gain, 2.0], abs=0.5)
    assert max(model.spread) < 2.0e4


def test_cusum_rises_on_evidence_and_falls_back_when_it_is_withdrawn() -> None:
    cusum = Cusum()
    raised = [cusum.add(1.0, 60.0 * n, 1.0, 4.0) for n in range(6)]
    assert raised == [False, False, False, False, True, True]
    for n in range(6, 12):
        cusum.add(-3.0, 60.0 * n, 1.0, 4.0)
    assert not cusum.is_raised


def test_an_excursion_that_went_away_raises_the_bar_of_its_own_station() -> None:
    cusum = Cusum()
    for n in range(6):
        cusum.add(1.0, 60.0 * n, 1.0, 7.0)
    cusum.add(-9.0, 400.0, 1.0, 7.0)

    raised = [cusum.add(1.0, 1000.0 + 60.0 * n, 1.0, 7.0) for n in range(10)]

    assert raised.index(True) == 8  # 1.25 x 6 + 1 = 8.5 instead of 7


def test_what_was_told_and_is_over_is_no_evidence_for_the_next() -> None:
    cusum = Cusum()
    for n in range(10):
        cusum.add(1.0, 60.0 * n, 1.0, 7.0)
    assert cusum.is_raised

    cusum.end(3600.0)
    raised = [cusum.add(1.0, 7200.0 + 60.0 * n, 1.0, 7.0) for n in range(20)]

    assert raised.index(True) == 13  # 1.25 x 10 + 1, as after any excursion
