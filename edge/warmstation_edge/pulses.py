"""Pulses of an S0 meter to watts and watt-hours. Pure: no clock, no pins.

IEC 62053-31 class A: a pulse lasts at least 30 ms and so does the pause. A pulse is known by its
width: a spike is none, however it comes, and no hold-off hides the next true one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SHORTEST_S = 0.02
LONGEST_S = 1.0
BOUNCE_S = 0.005
"""A gap shorter than this lies within a pulse, or within a pause."""
STUCK_S = 10.0
_IDLE_W = 15.0
"""Where pulses stay away the power is below what the silence allows, and at last nothing."""
_WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class PulseState:
    """`count` of true pulses; when the last two of them began, and what is under way.

    `begun_at`: the line is (or was, until `ended_at`) active since then.
    """

    since: float
    count: int = 0
    last_at: float | None = None
    period_s: float | None = None
    begun_at: float | None = None
    ended_at: float | None = None

    def is_stuck(self, now: float) -> bool:
        """Whether the line has been active for longer than any pulse: shorted, or wired wrong."""
        active = self.begun_at is not None and self.ended_at is None
        return active and now - (self.begun_at or now) > STUCK_S


def after_edge(state: PulseState, at: float, active: bool) -> PulseState:
    """The state once the line became active or idle."""
    state = after_time(state, at)
    if active:
        if state.begun_at is None:
            return replace(state, begun_at=at)
        return replace(state, ended_at=None)  # a bounce within the pulse
    if state.begun_at is None or state.ended_at is not None:
        return state
    return replace(state, ended_at=at)


def after_time(state: PulseState, now: float) -> PulseState:
    """The state at `now`: a pulse counts once the line has been idle for longer than a bounce."""
    begun_at, ended_at = state.begun_at, state.ended_at
    if begun_at is None or ended_at is None or now - ended_at < BOUNCE_S:
        return state
    state = replace(state, begun_at=None, ended_at=None)
    if not SHORTEST_S <= ended_at - begun_at <= LONGEST_S:
        return state
    period_s = None if state.last_at is None else begun_at - state.last_at
    return replace(state, count=state.count + 1, last_at=begun_at, period_s=period_s)


def watts(state: PulseState, pulses_per_kwh: float, now: float) -> float | None:
    """Power from the distance of the last two pulses; None before there were two.

    The longer the next one is overdue, the less it can be.
    """
    silent_s = now - (state.since if state.last_at is None else state.last_at)
    most_w = _watts(silent_s, pulses_per_kwh)
    if most_w < _IDLE_W:
        return 0.0
    if state.period_s is None:
        return None
    return min(_watts(state.period_s, pulses_per_kwh), most_w)


def energy_wh(state: PulseState, pulses_per_kwh: float) -> float:
    """Energy of all pulses so far."""
    return state.count / pulses_per_kwh * _WH_PER_KWH


def _watts(period_s: float, pulses_per_kwh: float) -> float:
    return float("inf") if period_s <= 0 else 3.6e6 / (pulses_per_kwh * period_s)
