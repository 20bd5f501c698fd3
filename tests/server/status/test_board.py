"""The board: the newest report counts, whatever order and however often reports come."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.registered import NOON, received
from warmstation_server.history import Received, Usage
from warmstation_server.status.board import SLICE, Board, StationState, after_report, rebuilt

MINUTE = timedelta(minutes=1)


def folded(reports: list[Received]) -> StationState:
    return reduce(after_report, reports, StationState())


def test_the_highest_seq_counts() -> None:
    state = folded([received(1), received(3, NOON + 2 * MINUTE), received(2, NOON + MINUTE)])
    assert state.heard is not None
    assert state.heard.seq == 3
    assert state.aged_at == NOON + 2 * MINUTE


def test_a_backlog_that_comes_now_does_not_move_the_board_back() -> None:
    live = received(10, NOON)
    backlog = [received(seq, NOON - MINUTE * (10 - seq), late=5 * MINUTE) for seq in (7, 8, 9)]
    assert folded([live, *backlog]).heard == live


def test_a_repeat_does_not_make_old_values_young() -> None:
    state = folded([received(1, clock="unsynced"), received(1, late=9 * MINUTE, clock="unsynced")])
    assert state.aged_at == NOON


def test_values_are_as_old_as_the_synced_clock_says() -> None:
    assert folded([received(1, late=3 * MINUTE)]).aged_at == NOON


def test_a_clock_ahead_of_ours_makes_nothing_younger() -> None:
    assert folded([received(1, NOON, late=-3 * MINUTE)]).aged_at == NOON - 3 * MINUTE


def test_an_unsynced_clock_says_nothing_about_age() -> None:
    state = folded([received(1, late=3 * MINUTE, clock="unsynced")])
    assert state.aged_at == NOON + 3 * MINUTE


def test_a_new_outbox_begins_again_at_one() -> None:
    old, new = received(900), received(1, NOON + MINUTE, stream="aaaa")
    assert folded([old, new]).heard == new


def test_a_late_report_of_the_old_outbox_does_not_displace_the_new_one_for_long() -> None:
    new = received(1, NOON, stream="aaaa")
    stray = received(900, NOON - MINUTE, late=2 * MINUTE)
    after = received(2, NOON + 2 * MINUTE, stream="aaaa")
    assert folded([new, stray, after]).heard == after


@st.composite
def reports(draw: st.DrawFn) -> list[Received]:
    """One station's reports as two outboxes made them, with lateness and repeats."""
    said = []
    for number, stream in enumerate(("9f3c", "aaaa")):
        entered, at = 0, NOON + timedelta(hours=number)
        for seq in range(1, draw(st.integers(1, 8)) + 1):
            at += draw(st.sampled_from((MINUTE, 4 * MINUTE, 20 * MINUTE)))
            entered += draw(st.integers(0, 1))
            one = received(
                seq,
                at,
                late=MINUTE * draw(st.integers(0, 90)),
                stream=stream,
                clock=draw(st.sampled_from(("synced", "estimated", "unsynced"))),
                door={"open": draw(st.sampled_from((True, False, None)))},
                people={"entered": entered, "present": draw(st.booleans())},
            )
            again = Received(one.report, one.district, one.received_at + MINUTE)
            said += [one, again] if draw(st.booleans()) else [one]
    return said


@given(reports(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_board(said: list[Received], random: Random) -> None:
    shuffled = said.copy()
    random.shuffle(shuffled)
    one, other = folded(said), folded(shuffled)
    assert one.heard == other.heard
    assert one.aged_at == other.aged_at
    assert one.evidence.last() == other.evidence.last()
    assert one.evidence.covered == other.evidence.covered


@st.composite
def runs(draw: st.DrawFn) -> list[Received]:
    """Reports in which most of the time nothing happens; clocks and numbers jump now and then."""
    said: list[Received] = []
    stream, seq, at, late, is_open = "9f3c", 1, NOON, 0, True
    for _ in range(draw(st.integers(3, 12))):
        seq += draw(st.sampled_from((1, 1, 1, 1, 1, 0, -1)))
        at += draw(st.sampled_from((0, 1, 4, 8, -1))) * MINUTE
        stream = draw(st.sampled_from((stream, stream, stream, "9f3c", "aaaa")))
        is_open = draw(st.sampled_from((is_open, is_open, is_open, True, False)))
        late = draw(st.sampled_from((late, late, 0, 5, -5)))
        said.append(received(max(1, seq), at, late * MINUTE, stream=stream, door={"open": is_open}))
    return said


@given(runs())
def test_reports_taken_together_give_the_same_board(said: list[Received]) -> None:
    board = Board()
    board.fold(said)
    assert board.state("ks-songnan") == folded(said)


@pytest.mark.parametrize(
    "minutes",
    [
        [(0, 0, True), (1, 1, False), (2, 2, True)],
        [(0, 5, True), (4, 7, True), (8, 8, True)],
        [(10, 0, True), (11, 4, True), (12, 8, True)],
    ],
    ids=["the door moved", "measured apart", "by a clock ahead of ours"],
)
def test_of_reports_taken_together_the_middle_counts(minutes: list[tuple[int, int, bool]]) -> None:
    """When it was measured, when it came, whether the door was open."""
    said = [
        received(seq, NOON + at * MINUTE, (came - at) * MINUTE, door={"open": is_open})
        for seq, (at, came, is_open) in enumerate(minutes, start=1)
    ]
    board = Board()
    board.fold(said)
    assert board.state("ks-songnan") == folded(said) != folded(said[::2])


def test_a_rebuilt_board_knows_the_newest_reports_and_the_last_crossing() -> None:
    newest = received(5, people={"inside": 2, "entered": 9})
    crossed = NOON - timedelta(hours=1)
    usage = [Usage(crossed, visits=1), Usage(NOON - timedelta(minutes=15))]
    board = rebuilt(iter([newest]), {"ks-songnan": usage})
    state = board.state("ks-songnan")
    assert state.heard == newest
    assert state.evidence.last() == crossed


def test_whoever_is_in_a_hurry_gets_a_word_in_while_many_reports_are_taken() -> None:
    breaths: list[bool] = []
    Board().fold(
        [received(1, station=f"st-{number}") for number in range(2 * SLICE)],
        lambda: breaths.append(True),
    )
    assert len(breaths) == 2


def test_a_board_says_who_reported() -> None:
    board = Board()
    assert board.fold([received(1), received(1, station="ks-other")]) == {"ks-songnan", "ks-other"}
    assert board.state("ks-never").heard is None
