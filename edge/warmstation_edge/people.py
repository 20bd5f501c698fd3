"""Beam edges to people: who came, who left, how many are inside and how sure that is.

Pure: no clock, no pins. `doorway` feeds it; times are monotonic seconds.

A passage begins when a beam is interrupted and ends once both have been clear for a while; what
fell on them in between is read by `shadows`: who passed, which way, how many behind each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from warmstation_edge.shadows import APART_M, Shadow, passed

MERGE_S = 0.06
"""A beam that clears for less is the gap between an arm and a coat, not between two people."""
GLITCH_S = 0.01
"""A shorter darkness is a disturbance on the wire: not even a finger is so fast."""
GAP_S = 0.5
"""A thin person may clear one beam before reaching the other, and a bag may trail behind: so long
both have to be clear before the passage is over."""
MOST_SHADOWS = 64
"""A passage with more is a crowd without end, or a beam that flickers: it is read as it stands."""
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
    """Interrupted since when; `clearing_at`: clear since then, but not yet for MERGE_S.

    `shadows` fell on it in this passage, oldest first.
    """

    since: float | None = None
    clearing_at: float | None = None
    shadows: tuple[Shadow, ...] = ()

    def blocks(self, now: float) -> bool:
        """Whether it has been interrupted for too long to be a person."""
        if self.since is None:
            return False
        until = now if self.clearing_at is None else self.clearing_at
        return until - self.since > BLOCKED_S


_CLEAR = BeamState()


@dataclass(frozen=True, slots=True)
class PeopleState:
    """All that counting needs to remember; `apart_m` is between the beams.

    `doubt` is the expected error in persons; `is_lost`: a beam has been blocked in this passage;
    `lonely` how many passages in a row reached the outer beam only (below 0: the inner one only).
    """

    entered: int = 0
    left: int = 0
    inside: int = 0
    doubt: float = 1.0
    outer: BeamState = _CLEAR
    inner: BeamState = _CLEAR
    is_lost: bool = False
    crossed_at: float | None = None
    empty_since: float | None = None
    lonely: int = 0
    apart_m: float = APART_M

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
        return self.outer is _CLEAR and self.inner is _CLEAR


def after_edge(state: PeopleState, edge: Edge) -> PeopleState:
    """The state once this edge has happened; edges come in the order of their times."""
    state = after_time(state, edge.at)
    beam = _beam(state, edge.beam)
    if edge.interrupted:
        if beam.since is not None:
            return _with(state, edge.beam, replace(beam, clearing_at=None))
        if len(state.outer.shadows) + len(state.inner.shadows) >= MOST_SHADOWS:
            state = _ended(state)
        return _with(state, edge.beam, replace(_beam(state, edge.beam), since=edge.at))
    if beam.since is None or beam.clearing_at is not None:
        return state
    return _with(state, edge.beam, replace(beam, clearing_at=edge.at))


def after_time(state: PeopleState, now: float) -> PeopleState:
    """The state at `now`: beams that stayed clear are clear, passages end, blocks are seen."""
    if state.is_quiet():
        return state
    if state.is_blocked(now) and not state.is_lost:
        state = replace(state, is_lost=True, doubt=state.doubt + 1)
    for beam in Beam:
        state = _with(state, beam, _settled(_beam(state, beam), now, state.is_lost))
    if state.outer.since is not None or state.inner.since is not None:
        return state
    ends = [shadow.until for shadow in (*state.outer.shadows[-1:], *state.inner.shadows[-1:])]
    return state if ends and now - max(ends) <= GAP_S else _ended(state)


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


def _settled(beam: BeamState, now: float, is_lost: bool) -> BeamState:
    """The beam, with its shadow once it has been clear for long enough."""
    shadows = () if is_lost else beam.shadows
    since, until = beam.since, beam.clearing_at
    if since is None or until is None or now - until < MERGE_S:
        return beam if shadows is beam.shadows else replace(beam, shadows=shadows)
    if not is_lost and until - since >= GLITCH_S:
        shadows = (*shadows, Shadow(since, until))
    return BeamState(shadows=shadows)


def _ended(state: PeopleState) -> PeopleState:
    """The passage is over: whoever passed is counted, unless a beam was blocked meanwhile."""
    outer, inner = state.outer.shadows, state.inner.shadows
    begun = replace(
        state,
        outer=_without_shadows(state.outer),
        inner=_without_shadows(state.inner),
        is_lost=False,
    )
    if state.is_lost or not (outer or inner):
        return begun
    if not inner or not outer:
        alone = state.lonely
        lonely = max(alone, 0) + 1 if outer else min(alone, 0) - 1
        return replace(begun, lonely=lonely)
    entered, left = passed(outer, inner, state.apart_m)
    at = max(outer[-1].until, inner[-1].until)
    return _counted(replace(begun, lonely=0), entered, left, at)


def _counted(state: PeopleState, entered: int, left: int, at: float) -> PeopleState:
    if not entered and not left:
        return state
    inside = state.inside + entered - left
    return replace(
        state,
        entered=state.entered + entered,
        left=state.left + left,
        inside=max(0, inside),
        # below nobody: somebody left who had never been counted in
        doubt=state.doubt + DRIFT * (entered + left) + max(0, -inside),
        crossed_at=at,
    )


def _without_shadows(beam: BeamState) -> BeamState:
    return _CLEAR if beam.since is None else replace(beam, shadows=())


def _beam(state: PeopleState, beam: Beam) -> BeamState:
    return state.outer if beam is Beam.OUTER else state.inner


def _with(state: PeopleState, beam: Beam, became: BeamState) -> PeopleState:
    if beam is Beam.OUTER:
        return replace(state, outer=became)
    return replace(state, inner=became)
