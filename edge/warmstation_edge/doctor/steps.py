"""All steps of a profile, in the order in which an installer walks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from warmstation_edge.doctor import door, safety, shelves, sockets, warmth
from warmstation_edge.doctor.step import Step
from warmstation_edge.profile import Profile


def all_steps(profile: Profile, drive: Callable[[bool], object]) -> Iterator[Step]:
    """First what needs nobody; `drive` closes (True) or opens all contactors."""
    yield from safety.answers(profile)
    yield from safety.contactors(profile, drive)
    yield from sockets.steps(profile)
    yield from door.steps(profile)
    yield from warmth.steps(profile)
    yield from shelves.steps(profile)
    yield from safety.smoke(profile)
