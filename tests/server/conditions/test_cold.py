"""A room that was too cold: over soon after it is warm, there again when it is cold again."""

from __future__ import annotations

from tests.support.watched import MINUTE, Watching

COLD = ("heating.cold", "")


def room(watching: Watching, celsius: float, minutes: int) -> None:
    """A report every five minutes."""
    for _ in range(minutes // 5):
        watching.look(watching.now + 5 * MINUTE)
        watching.report(climate={"room_c": celsius, "heating": "off"})


def test_cold_is_over_when_the_room_is_warm_and_holds_again_when_it_is_cold_again() -> None:
    watching = Watching()
    room(watching, 20.0, 60)
    room(watching, 13.0, 90)
    first = watching.last[COLD]
    room(watching, 19.0, 60)
    warm = watching.last[COLD]
    room(watching, 12.5, 60)
    again = watching.last[COLD]

    assert (first.holds, warm.holds, again.holds) == (True, False, True)
    assert first.since is not None
    assert again.since is not None
    assert first.since < again.since
    assert again.evidence["room_c"] == 12.5
