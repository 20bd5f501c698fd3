from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_edge.presses import (
    BOUNCE_S,
    HELD_S,
    STUCK_S,
    ButtonState,
    after_edge,
    after_time,
)


def pressed_for(seconds: float, state: ButtonState | None = None, at: float = 10.0) -> ButtonState:
    state = after_edge(state or ButtonState(), at, True)
    state = after_edge(state, at + seconds, False)
    return after_time(state, at + seconds + 1)


def test_who_holds_the_button_is_heard_while_still_holding_it() -> None:
    state = after_edge(ButtonState(), 10.0, True)
    assert after_time(state, 10.0 + HELD_S - 0.1).held == 0
    assert after_time(state, 10.0 + HELD_S).held == 1
    assert after_time(after_time(state, 10.0 + HELD_S), 10.0 + 2 * HELD_S).held == 1


@pytest.mark.parametrize("seconds", [0.01, 0.5, HELD_S - 0.1])
def test_a_short_press_says_nothing(seconds: float) -> None:
    assert pressed_for(seconds) == ButtonState()


def test_two_long_presses_are_two() -> None:
    assert pressed_for(HELD_S, pressed_for(HELD_S), 20.0).held == 2


def test_a_button_that_never_lets_go_is_stuck_and_said_it_once() -> None:
    state = after_time(after_edge(ButtonState(), 0.0, True), STUCK_S + 1)
    assert state.is_stuck(STUCK_S + 1)
    assert state.held == 0, "nobody holds a button for half a minute"


@given(st.lists(st.floats(0.0005, BOUNCE_S * 0.9), max_size=12).map(lambda gaps: gaps[:12]))
def test_bounces_change_nothing(gaps: list[float]) -> None:
    """The contact closes and opens as it likes for less than 30 ms at a time, then it is held."""
    state, at = ButtonState(), 10.0
    for number, gap in enumerate(gaps):
        state = after_edge(state, at, number % 2 == 0)
        at += gap
    state = after_edge(state, at, True)
    assert after_time(state, at + HELD_S).held == 1
