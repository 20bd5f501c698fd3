"""S0 pulses: known by their width, whatever spikes and bounces come with them."""

from __future__ import annotations

from random import Random

import pytest

from warmstation_edge.pulses import (
    STUCK_S,
    PulseState,
    after_edge,
    after_time,
    energy_wh,
    watts,
)

PER_KWH = 1000.0


def played(*pulses: tuple[float, float], state: PulseState | None = None) -> PulseState:
    state = state or PulseState(since=0.0)
    for begin, width in pulses:
        state = after_edge(state, begin, True)
        state = after_edge(state, begin + width, False)
    return after_time(state, pulses[-1][0] + sum(pulses[-1]) + 1)


def test_a_pulse_of_the_standards_width_counts() -> None:
    assert played((1.0, 0.03)).count == 1
    assert played((1.0, 0.09), (4.6, 0.09)).count == 2


@pytest.mark.parametrize("width", [0.0001, 0.005, 0.019, 1.5])
def test_what_is_too_short_or_too_long_is_no_pulse(width: float) -> None:
    assert played((1.0, width)).count == 0


def test_a_spike_right_before_a_pulse_hides_nothing() -> None:
    """A hold-off would have counted the spike and slept through the pulse."""
    assert played((1.0, 0.001), (1.02, 0.05)).count == 1


def test_a_pulse_that_bounces_counts_once() -> None:
    assert played((1.0, 0.01), (1.012, 0.002), (1.016, 0.05)).count == 1


def test_power_is_the_distance_of_two_pulses() -> None:
    state = played((10.0, 0.05), (11.8, 0.05))
    assert watts(state, PER_KWH, 12.0) == pytest.approx(2000)
    assert energy_wh(state, PER_KWH) == pytest.approx(2.0)


def test_power_falls_as_the_next_pulse_is_overdue_and_ends_at_zero() -> None:
    state = played((10.0, 0.05), (11.8, 0.05))
    assert watts(state, PER_KWH, 11.8 + 36) == pytest.approx(100)
    assert watts(state, PER_KWH, 11.8 + 600) == 0.0


def test_power_is_unknown_before_the_second_pulse() -> None:
    assert watts(PulseState(since=0.0), PER_KWH, 30.0) is None
    assert watts(played((1.0, 0.05)), PER_KWH, 5.0) is None
    assert watts(PulseState(since=0.0), PER_KWH, 600.0) == 0.0


def test_a_line_that_never_lets_go_is_stuck() -> None:
    state = after_edge(PulseState(since=0.0), 1.0, True)
    assert not state.is_stuck(1.0 + STUCK_S)
    assert state.is_stuck(1.1 + STUCK_S)


def test_an_hour_of_pulses_among_spikes_is_counted_exactly() -> None:
    rng = Random(5)
    state, true = PulseState(since=0.0), 0
    at = 1.0
    while at < 3600:
        if rng.random() < 0.3:
            state = after_edge(state, at, True)
            state = after_edge(state, at + rng.uniform(0.0001, 0.01), False)
            at += 0.03
        state = after_edge(state, at, True)
        state = after_edge(state, at + rng.uniform(0.03, 0.12), False)
        true += 1
        at += rng.uniform(0.3, 4.0)
    assert after_time(state, at).count == true
