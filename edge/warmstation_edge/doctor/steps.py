"""All steps of a profile, in the order in which an installer walks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from warmstation_edge.doctor import door, safety, shelves, sockets, staff, warmth
from warmstation_edge.doctor.step import Step
from warmstation_edge.profile import Profile


class Hands(Protocol):
    """What the station itself does in a step."""

    def drive(self, point: str, closed: bool) -> None:
        """Close or open an e-bike point's contactor."""
        ...

    def identify(self) -> None:
        """Let the LED flash."""
        ...


def all_steps(profile: Profile, hands: Hands) -> Iterator[Step]:
    """First what needs nobody."""
    yield from safety.answers(profile)
    yield from safety.contactors(profile, hands.drive)
    yield from sockets.steps(profile)
    yield from door.steps(profile)
    yield from staff.steps(profile, hands.identify)
    yield from warmth.steps(profile)
    yield from shelves.steps(profile)
    yield from safety.smoke(profile)
