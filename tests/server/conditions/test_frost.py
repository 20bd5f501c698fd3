"""A cold room: what endangers pipes is told long before what is an emergency."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.watched import MINUTE, Watching
from warmstation_server.alerts.rules import load

PIPES, FROST = ("heating.pipes", ""), ("heating.frost", "")


def room(watching: Watching, celsius: Sequence[float]) -> None:
    """A report every five minutes."""
    for value in celsius:
        watching.look(watching.now + 5 * MINUTE)
        watching.report(climate={"room_c": value, "heating": "off"})


def test_pipes_are_in_danger_below_eight_degrees_and_that_is_not_frost_yet() -> None:
    watching = Watching()
    room(watching, [12.0, 10.5, 9.0, *[7.5] * 12])
    assert watching.last[PIPES].holds
    assert not watching.last[FROST].holds
    room(watching, [6.5, 5.5, *[4.5] * 6])
    assert watching.last[FROST].holds
    room(watching, [6.0, 8.0, 9.5, 11.0, *[12.0] * 12])
    assert watching.last[FROST].holds is False
    assert watching.last[PIPES].holds is False


def test_only_frost_is_critical() -> None:
    rules = load()
    assert rules.rule(PIPES[0]).severity == "warning"
    assert rules.rule(FROST[0]).severity == "critical"
    assert FROST[0] in rules.rule(PIPES[0]).inhibited_by
