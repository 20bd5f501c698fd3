"""Edges of the staff button to presses. Pure: no clock, no pins."""

from __future__ import annotations

from dataclasses import dataclass, replace

BOUNCE_S = 0.03
HELD_S = 2.0
"""So long the button is held to say that the room is empty: nobody leans on it by chance."""
STUCK_S = 30.0


@dataclass(frozen=True, slots=True)
class ButtonState:
    """Pressed since when; `released_at`: let go, but not yet for BOUNCE_S. `held`: presses told."""

    since: float | None = None
    released_at: float | None = None
    is_told: bool = False
    held: int = 0

    def is_stuck(self, now: float) -> bool:
        """Whether it has been pressed for longer than anybody would."""
        return self.since is not None and now - self.since > STUCK_S


def after_edge(state: ButtonState, at: float, pressed: bool) -> ButtonState:
    """The state once the contact closed or opened; a bounce changes nothing."""
    state = after_time(state, at)
    if pressed:
        if state.since is None:
            return replace(state, since=at)
        return replace(state, released_at=None)
    if state.since is None or state.released_at is not None:
        return state
    return replace(state, released_at=at)


def after_time(state: ButtonState, now: float) -> ButtonState:
    """The state at `now`; `held` rises as soon as it was held for long enough."""
    if state.since is None:
        return state
    until = now if state.released_at is None else state.released_at
    if not state.is_told and HELD_S <= until - state.since <= STUCK_S:
        state = replace(state, is_told=True, held=state.held + 1)
    if state.released_at is not None and now - state.released_at >= BOUNCE_S:
        return ButtonState(held=state.held)
    return state
