"""An open door beside what a heater does: warmth beyond the call, heat that nobody watches."""

from __future__ import annotations

import random

from warmstation_server.diagnosis.room import Room
from warmstation_server.diagnosis.sample import Minute


def _said(
    minutes: int,
    *,
    loss_k: float = 0.0,
    heat_share: float = 1.0,
    is_odd: bool = False,
    heat_is_seen: bool = True,
) -> list[str | None]:
    """What a room says, minute by minute, of a door that loses so much a minute and a heater
    that gives such a share of its heat, after three healthy days; it is called for ten minutes
    of twenty, and the trouble begins between two calls. `is_odd`: the outlet shows more."""
    room, rng, air = Room(), random.Random(4), 20.0
    room.opening.holds.days = 20.0
    said = []
    healthy = 4_330
    for n in range(healthy + minutes):
        call = 1.0 if n % 20 < 10 else 0.0
        is_new = n >= healthy
        share = heat_share if is_new else 1.0
        air += 0.2 * call * share - 0.005 * air - (loss_k if is_new else 0.0)
        reading = air + rng.gauss(0.0, 0.03)
        minute = Minute(60.0 * n, 1.0, reading, 20.0 * call, 0.0, call, None, 0.0, True, False)
        room.after(
            minute,
            call,
            call,
            may_learn=not is_new,
            heat_is_seen=heat_is_seen,
            is_odd=is_odd and n == healthy,
        )
        if is_new:
            said.append(room.verdict())
    return said


def test_door_is_found_while_the_outlet_shows_more_than_the_call_can_bring() -> None:
    assert "door" in _said(15, loss_k=0.15, is_odd=True)


def test_room_that_loses_more_than_its_heater_gives_has_an_open_door() -> None:
    said = _said(30, loss_k=0.25, heat_is_seen=False)

    assert "door" in said
    assert "none" not in said


def test_heat_that_is_missing_where_nobody_watches_the_outlet_is_no_door() -> None:
    said = _said(60, heat_share=0.0, heat_is_seen=False)

    assert "none" in said
    assert "door" not in said
