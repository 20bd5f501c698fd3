from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warmstation_edge.people import (
    BLOCKED_S,
    LONELY,
    ZERO_AFTER_S,
    Beam,
    Edge,
    PeopleState,
    after_edge,
    after_presence,
    after_time,
    zeroed,
)

O, I = Beam.OUTER, Beam.INNER  # noqa: E741 - read as in the drawings of two-beam counters
IN = ((0.0, O, True), (0.2, I, True), (0.4, O, False), (0.6, I, False))
OUT = ((0.0, I, True), (0.2, O, True), (0.4, I, False), (0.6, O, False))
Script = tuple[tuple[float, Beam, bool], ...]


def played(*scripts: Script, state: PeopleState | None = None, gap_s: float = 2.0) -> PeopleState:
    state, start = state or PeopleState(doubt=0.0), 10.0
    for script in scripts:
        for after_s, beam, interrupted in script:
            state = after_edge(state, Edge(start + after_s, beam, interrupted))
        start += max(after_s for after_s, _, _ in script) + gap_s
    return after_time(state, start)


def test_who_comes_in_is_counted_in() -> None:
    state = played(IN)
    assert (state.entered, state.left, state.inside) == (1, 0, 1)


def test_who_goes_out_is_counted_out() -> None:
    state = played(IN, IN, OUT)
    assert (state.entered, state.left, state.inside) == (2, 1, 1)


def test_who_turns_back_in_the_door_counts_nothing() -> None:
    back = ((0.0, O, True), (0.2, I, True), (0.5, I, False), (0.7, O, False))
    peek = ((0.0, I, True), (0.4, I, False))
    assert replace(played(back, peek), lonely=0) == PeopleState(doubt=0.0)


def test_who_turns_back_does_not_hide_who_leaves_right_after() -> None:
    back = ((0.0, O, True), (0.2, I, True), (0.5, I, False), (0.7, O, False))
    state = after_time(played(back, OUT, state=PeopleState(inside=1), gap_s=0.2), 99.0)
    assert (state.entered, state.left, state.inside) == (0, 1, 0)


def test_an_arm_that_swings_ahead_is_not_a_second_person() -> None:
    """The beams flicker for 50 ms on the way in, and then that person turns back."""
    swinging = (
        *((0.0, O, True), (0.1, O, False), (0.15, O, True)),
        *((0.2, I, True), (0.4, O, False), (0.5, I, False), (0.55, I, True)),
        *((0.7, O, True), (0.9, I, False), (1.1, O, False)),
    )
    state = played(swinging)
    assert (state.entered, state.left) == (0, 0)
    longer = tuple((at + (0.05 if at == 0.55 else 0), beam, cut) for at, beam, cut in swinging)
    state = played(longer)
    assert (state.entered, state.left) == (1, 1)


def test_who_follows_within_a_breath_is_counted_too() -> None:
    assert after_time(played(IN, IN, gap_s=0.02), 99.0).entered == 2
    assert after_time(played(OUT, OUT, gap_s=0.02), 99.0).left == 2


def test_a_thin_person_may_clear_one_beam_before_the_other() -> None:
    thin = ((0.0, O, True), (0.1, O, False), (0.4, I, True), (0.5, I, False))
    assert played(thin).entered == 1


def test_two_beams_touched_long_after_each_other_are_no_passage() -> None:
    apart = ((0.0, O, True), (0.1, O, False), (2.0, I, True), (2.1, I, False))
    assert replace(played(apart), lonely=0) == PeopleState(doubt=0.0)


def test_nobody_can_be_missing_inside() -> None:
    state = played(OUT, OUT, IN)
    assert (state.entered, state.left, state.inside) == (1, 2, 1)
    assert state.confidence < 0.4


def test_a_blocked_beam_counts_nobody_and_costs_confidence() -> None:
    state = played(((0.0, O, True),), gap_s=BLOCKED_S + 1)
    assert state.is_blocked(10 + BLOCKED_S + 1)
    assert state.confidence == pytest.approx(0.5)
    state = after_edge(state, Edge(50.0, I, True))
    state = after_edge(state, Edge(50.3, I, False))
    state = after_edge(state, Edge(60.0, O, False))
    state = after_time(state, 61.0)
    assert not state.is_blocked(61.0)
    assert (state.entered, state.left) == (0, 0)
    assert played(IN, state=replace(state, doubt=0.0)).entered == 1


def test_a_beam_that_sees_nobody_while_the_other_does_is_found_out() -> None:
    peek = ((0.0, O, True), (0.3, O, False))
    assert not played(*[peek] * (LONELY - 1)).is_one_eyed
    one_eyed = played(*[peek] * LONELY)
    assert one_eyed.is_one_eyed
    assert not played(IN, state=one_eyed).is_one_eyed
    from_within = ((0.0, I, True), (0.3, I, False))
    assert not played(*[peek, from_within] * LONELY).is_one_eyed
    assert played(*[from_within] * LONELY).is_one_eyed


def test_confidence_falls_with_every_crossing_until_zero() -> None:
    busy = played(*[IN] * 10, *[OUT] * 9)
    assert busy.inside == 1
    assert played(IN).confidence > busy.confidence > 0.5
    assert zeroed(busy).confidence == 1


def test_an_empty_room_is_zero_after_half_an_hour_without_crossing() -> None:
    state = after_presence(played(IN), False, 100.0)
    assert after_presence(state, False, 99.0 + ZERO_AFTER_S).inside == 1
    state = after_presence(state, False, 100.0 + ZERO_AFTER_S)
    assert (state.inside, state.confidence, state.entered) == (0, 1, 1)


@pytest.mark.parametrize("seen", [True, None])
def test_only_an_uninterrupted_empty_room_is_zeroed(seen: bool | None) -> None:
    state = after_presence(played(IN), False, 100.0)
    state = after_presence(state, seen, 1000.0)
    state = after_presence(state, False, 1001.0)
    assert after_presence(state, False, 100.0 + ZERO_AFTER_S).inside == 1


def test_a_room_is_not_zeroed_while_a_beam_is_blocked() -> None:
    state = after_presence(played(IN), False, 100.0)
    state = after_edge(state, Edge(200.0, O, True))
    assert after_presence(state, False, 100.0 + ZERO_AFTER_S).inside == 1


def test_a_crossing_starts_the_half_hour_anew() -> None:
    state = after_presence(played(IN), False, 15.0)
    crossed = replace(state, crossed_at=1000.0)
    assert after_presence(crossed, False, 15.0 + ZERO_AFTER_S).inside == 1
    assert after_presence(crossed, False, 1000.0 + ZERO_AFTER_S).inside == 0


edges = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from(Beam), st.booleans()), min_size=1, max_size=60
)


# A bag before its owner: two shifts of one row against the other fit alike, one in, one out.
BAG_AHEAD = [
    *((1, O, True), (8, I, True), (12, I, False), (9, I, True)),
    *((19, O, False), (9, O, True), (24, O, False), (12, I, False)),
]


@given(edges)
@example(BAG_AHEAD)
def test_both_directions_are_counted_alike(steps: list[tuple[int, Beam, bool]]) -> None:
    state, mirror, at = PeopleState(), PeopleState(), 0.0
    for step_cs, beam, interrupted in steps:
        at += step_cs / 100
        other = O if beam is I else I
        state = after_edge(state, Edge(at, beam, interrupted))
        mirror = after_edge(mirror, Edge(at, other, interrupted))
    state, mirror = after_time(state, at + 100), after_time(mirror, at + 100)
    assert (state.entered, state.left) == (mirror.left, mirror.entered)
    assert state.inside >= 0
    assert mirror.inside >= 0


@given(edges)
def test_looking_more_often_changes_nothing(steps: list[tuple[int, Beam, bool]]) -> None:
    state, watched, at = PeopleState(), PeopleState(), 0.0
    for step_cs, beam, interrupted in steps:
        for look in range(step_cs // 25):
            watched = after_time(watched, at + look / 4)
        at += step_cs / 100
        state = after_edge(state, Edge(at, beam, interrupted))
        watched = after_edge(watched, Edge(at, beam, interrupted))
    state, watched = after_time(state, at + 100), after_time(watched, at + 100)
    assert (state.entered, state.left, state.inside) == (
        watched.entered,
        watched.left,
        watched.inside,
    )


def test_who_follows_so_closely_that_a_beam_is_always_dark_is_counted_too() -> None:
    close = (
        *((0.0, O, True), (0.2, I, True), (0.4, O, False), (0.55, O, True)),
        *((0.6, I, False), (0.75, I, True), (0.95, O, False), (1.15, I, False)),
    )
    state = played(close)
    assert (state.entered, state.left) == (2, 0)


def test_a_bag_that_trails_behind_its_owner_is_nobody() -> None:
    trailing = (
        *((0.0, O, True), (0.2, I, True), (0.4, O, False), (0.6, I, False)),
        *((0.68, O, True), (0.8, O, False), (0.88, I, True), (1.0, I, False)),
    )
    assert played(trailing).entered == 1


def test_who_stands_in_the_door_and_sways_is_one() -> None:
    with_swinging_hands = _dark(
        O, 0.00, 0.10, 0.32, 0.41, 0.56, 0.65, 0.89, 0.98, 1.09, 1.54, 1.64, 1.73, 1.98, 2.35
    ) + _dark(I, 0.72, 0.82, 1.22, 1.40, 1.80, 1.91, 2.16, 2.46)
    for_a_while = _dark(O, 0.24, 6.72, 7.37, 14.08) + _dark(I, 0, 10.39, 10.75, 12.57, 13.06, 13.86)
    assert played(tuple(sorted(with_swinging_hands))).entered == 1
    assert played(tuple(sorted(for_a_while))).left == 1


def _dark(beam: Beam, *times_s: float) -> Script:
    """Interrupted and clear in turns."""
    return tuple((at, beam, number % 2 == 0) for number, at in enumerate(times_s))


def test_two_who_pass_each_other_one_after_the_other_are_both_counted() -> None:
    state = after_time(played(IN, OUT, gap_s=0.15), 99.0)
    assert (state.entered, state.left, state.inside) == (1, 1, 0)


def test_a_disturbed_wire_turns_nobody_back() -> None:
    spike = ((0.0, I, True), (0.005, I, False))
    state = after_time(played(spike, IN, gap_s=0.2), 99.0)
    assert (state.entered, state.left) == (1, 0)


def test_a_beam_that_flickers_all_day_neither_fills_memory_nor_the_room() -> None:
    state, at = PeopleState(), 10.0
    for _ in range(2000):
        state = after_edge(state, Edge(at, O, True))
        state = after_edge(state, Edge(at + 0.1, O, False))
        at += 0.25
        assert len(state.outer.shadows) <= 64
    assert (state.entered, state.left) == (0, 0)
    assert state.is_one_eyed
