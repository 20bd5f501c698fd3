"""What pieces say is looked up, and never more than there is room for."""

from __future__ import annotations

import pytest

from warmstation_server.intake.known import Known, Numbers

ROOM = rb'"room_c":(-?[0-9.]+)'


def room(known: Known) -> Numbers:
    """Room temperatures, as a stencil has them."""
    return known.kind(ROOM, -60.0, 100.0)


def test_what_a_piece_says_is_found_again() -> None:
    said = room(Known())
    assert said[b'"room_c":19.81'] == 19.81
    assert b'"room_c":19.81' in said
    assert said[b'"room_c":19.81'] is said[b'"room_c":19.81']


@pytest.mark.parametrize(
    "piece", [b'"room_c":100.01', b'"room_c":-61', b'"room_c":null', b'"outlet_c":20', b""]
)
def test_a_piece_of_another_kind_or_out_of_bounds_is_none_and_is_not_remembered(
    piece: bytes,
) -> None:
    said = room(Known())
    for _ in range(2):
        with pytest.raises(KeyError):
            said[piece]
    assert not said


def test_all_stencils_share_what_is_known_of_one_kind() -> None:
    known = Known()
    assert room(known) is room(known)
    assert known.kind(ROOM, 0.0, 1.0) is not room(known)


def test_all_kinds_together_never_hold_more_than_there_is_room_for() -> None:
    known = Known(most=10)
    inside, outside = room(known), known.kind(rb'"outdoor_c":(-?[0-9.]+)', -60.0, 100.0)
    for number in range(7):
        assert inside[b'"room_c":%d' % number] == number
        assert outside[b'"outdoor_c":%d' % number] == number
        assert len(inside) + len(outside) <= 10
    assert inside[b'"room_c":0'] == 0.0, "forgotten is only read again"
