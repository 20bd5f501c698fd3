"""The door by its contact: it says for certain that the door stands open, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.sample import Minute

_OPEN_MIN = 9.5  # longer than a rider needs; a certain thing may be told sooner than a guess
_LEAST_DIFFERENCE_K = 4.0


@dataclass(slots=True)
class Contact:
    """`open_min`: minutes the door has stood open without a break; `is_known`: a contact has ever
    told of an open and of a shut door (one that is stuck is no witness); `is_shut`: it says shut.
    """

    open_min: float = 0.0
    since_s: float = 0.0
    was_open: bool = False
    was_shut: bool = False
    is_shut: bool = False
    is_raised: bool = False

    def after(self, minute: Minute) -> None:
        """Takes a minute; a passage in it leaves a share of it open, a held door all of it."""
        share = minute.door_open
        if share is None or minute.is_gap:
            self.open_min, self.is_shut = 0.0, False
            return
        self.was_open |= share > 0.5
        self.was_shut |= share < 0.5
        self.is_shut = share < 0.5
        if share < 0.99:
            self.open_min, self.is_raised = 0.0, False
            return
        if self.open_min <= 0.0:
            self.since_s = minute.at_s - 60.0 * minute.length_min
        self.open_min += minute.length_min
        self.is_raised = self.open_min > _OPEN_MIN and self.is_known and _loses_heat(minute)

    @property
    def is_known(self) -> bool:
        """Whether the contact is to be believed."""
        return self.was_open and self.was_shut


def _loses_heat(minute: Minute) -> bool:
    """Whether an open door matters now: heat is called for, or it is far colder outside."""
    if minute.room is None or minute.outdoor is None:
        return (minute.call or 0.0) > 0.0
    return minute.room - minute.outdoor > _LEAST_DIFFERENCE_K
