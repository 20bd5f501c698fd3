"""Beam edges to people: who came, who left, how many are inside and how sure that is.

Pure: no clock, no pins. `doorway` feeds it; times are monotonic seconds.

A passage begins at the beam that is interrupted first and ends when both are clear; it counts
when the beam that cleared last is the other one. Who turns back ends where they began.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

MERGE_S = 0.06
"""A beam that clears for less is the gap between an arm and a coat, not between two people."""
SHORTEST_S = 0.09
"""Nobody's trunk passes a beam in less, not even running: a bag or an arm does."""
GAP_S = 0.5
"""A thin person may clear one beam before reaching the other: so long the passage stays open."""
BLOCKED_S = 30.0
"""Nobody stands in a beam for so long; a box does."""
ZERO_AFTER_S = 30 * 60.0
"""An empty room and no crossing for so long: nobody is inside, whatever was counted."""
LONELY = 20
"""So many passages in a row that reached one beam only: the other one sees nothing any more."""
DRIFT = 0.02
"""Persons of error a crossing: a real building's doors counted 4 % more people out than in."""


class Beam(StrEnum):
    """Outer is the one nearer the street."""

    OUTER = "outer"
    INNER = "inner"


@dataclass(frozen=True, slots=True)
class Edge:
    """A beam was interrupted, or is clear again."""

    at: float
    beam: Beam
    interrupted: bool


@dataclass(frozen=True, slots=True)
class BeamState:
    """Interrupted since when; `clearing_at`: clear since then, but not yet for MERGE_S."""

    since: float | None = None
    clearing_at: float | None = None

    def blocks(self, now: float) -> bool:
        """Whether it has been interrupted for too long to be a person."""
        return self.since is not None and now - self.since > BLOCKED_S


_CLEAR = BeamState()


@dataclass(frozen=True, slots=True)
class PeopleState:
    """All that counting needs to remember.

    `doubt` is the expected error in persons; `longest_s` a beam's longest darkness in this passage;
    `lonely` how many passages in a row reached the outer beam only (below 0: the inner one only).
    """

    entered: int = 0
    left: int = 0
    inside: int = 0
    doubt: float = 1.0
    outer: BeamState = _CLEAR
    inner: BeamState = _CLEAR
    first: Beam | None = None
    longest_s: float = 0.0
    reached_both: bool = False
    gap_until: float | None = None
    crossed_at: float | None = None
    empty_since: float | None = None
    lonely: int = 0

    @property
    def confidence(self) -> float:
        """1 with no error expected, 0.5 with one person, falling with every crossing."""
        return 1 / (1 + self.doubt)

    @property
    def is_one_eyed(self) -> bool:
        """Whether one of the beams is never interrupted though the other one is."""
        return abs(self.lonely) >= LONELY

    def is_blocked(self, now: float) -> bool:
        """Whether a beam is blocked, so that nobody can be counted."""
        return self.outer.blocks(now) or self.inner.blocks(now)

    def is_quiet(self) -> bool:
        """Whether time alone changes nothing: both beams clear, no passage open."""
        return self.outer is _CLEAR and self.inner is _CLEAR and self.first is None


def after_edge(state: PeopleState, edge: Edge) -> PeopleState:
    """The state once this edge has happened; edges come in the order of their times."""
    state = after_time(state, edge.at)
    beam = _beam(state, edge.beam)
    if edge.interrupted:
        if beam.since is None:
            return _interrupted(state, edge)
        return _with(state, edge.beam, replace(beam, clearing_at=None))
    if beam.since is None or beam.clearing_at is not None:
        return state
    return _with(state, edge.beam, replace(beam, clearing_at=edge.at))


def after_time(state: PeopleState, now: float) -> PeopleState:
    """The state at `now`: beams that stayed clear are clear, passages end, blocks are seen."""
    if state.is_quiet():
        return state
    for beam in _clearing_order(state):
        cleared_at = _beam(state, beam).clearing_at
        if cleared_at is not None and now - cleared_at >= MERGE_S:
            state = _cleared(state, beam, cleared_at)
    if state.first and state.gap_until is not None and now > state.gap_until:
        state = replace(_no_passage(state), lonely=_lonelier(state))
    if state.first and state.is_blocked(now):
        state = replace(_no_passage(state), doubt=state.doubt + 1)
    return state


def after_presence(
    state: PeopleState, present: bool | None, now: float, zero_after_s: float = ZERO_AFTER_S
) -> PeopleState:
    """The state once the room was looked at; zero when it was empty for long enough."""
    if present is not False:
        return state if state.empty_since is None else replace(state, empty_since=None)
    if state.empty_since is None:
        return replace(state, empty_since=now)
    quiet_since = max(state.empty_since, state.crossed_at or state.empty_since)
    if now - quiet_since < zero_after_s or state.is_blocked(now):
        return state
    return zeroed(state)


def zeroed(state: PeopleState) -> PeopleState:
    """Nobody is inside, and that is certain; entered and left stay as they are."""
    if state.inside == 0 and state.doubt == 0:
        return state
    return replace(state, inside=0, doubt=0.0)


def _interrupted(state: PeopleState, edge: Edge) -> PeopleState:
    other = Beam.INNER if edge.beam is Beam.OUTER else Beam.OUTER
    cleared_at = _beam(state, other).clearing_at
    if cleared_at is not None:  # whoever follows closely is somebody else
        state = _cleared(state, other, cleared_at)
    state = _with(state, edge.beam, BeamState(since=edge.at))
    if state.is_blocked(edge.at):
        return state
    if state.first is None:
        return replace(state, first=edge.beam, reached_both=False, gap_until=None)
    if edge.beam is state.first:
        return replace(state, gap_until=None)
    return replace(state, reached_both=True, gap_until=None, lonely=0)


def _cleared(state: PeopleState, beam: Beam, at: float) -> PeopleState:
    since = _beam(state, beam).since
    state = _with(state, beam, _CLEAR)
    if state.first is not None and since is not None:
        state = replace(state, longest_s=max(state.longest_s, at - since))
    if state.first is None or state.outer.since is not None or state.inner.since is not None:
        return state
    if beam is not state.first and state.longest_s >= SHORTEST_S:
        return _counted(_no_passage(state), entering=beam is Beam.INNER, at=at)
    if state.reached_both:
        return _no_passage(state)
    return replace(state, gap_until=at + GAP_S)


def _counted(state: PeopleState, *, entering: bool, at: float) -> PeopleState:
    if entering:
        state = replace(state, entered=state.entered + 1, inside=state.inside + 1)
    elif state.inside > 0:
        state = replace(state, left=state.left + 1, inside=state.inside - 1)
    else:  # somebody left who had never been counted in
        state = replace(state, left=state.left + 1, doubt=state.doubt + 1)
    return replace(state, doubt=state.doubt + DRIFT, crossed_at=at)


def _lonelier(state: PeopleState) -> int:
    return max(state.lonely, 0) + 1 if state.first is Beam.OUTER else min(state.lonely, 0) - 1


def _no_passage(state: PeopleState) -> PeopleState:
    return replace(state, first=None, longest_s=0.0, reached_both=False, gap_until=None)


def _clearing_order(state: PeopleState) -> tuple[Beam, ...]:
    """Which beam cleared earlier; of two at the same moment, the one where it began."""
    outer, inner = state.outer.clearing_at, state.inner.clearing_at
    if outer is not None and inner is not None:
        inner_first = inner < outer or (inner == outer and state.first is Beam.INNER)
        return (Beam.INNER, Beam.OUTER) if inner_first else (Beam.OUTER, Beam.INNER)
    if outer is None and inner is None:
        return ()
    return (Beam.INNER,) if outer is None else (Beam.OUTER,)


def _beam(state: PeopleState, beam: Beam) -> BeamState:
    return state.outer if beam is Beam.OUTER else state.inner


def _with(state: PeopleState, beam: Beam, became: BeamState) -> PeopleState:
    if beam is Beam.OUTER:
        return replace(state, outer=became)
    return replace(state, inner=became)
