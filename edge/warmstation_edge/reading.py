"""A Reading: what a sensor said at one moment, or why it said nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Missing(StrEnum):
    """Why there is no value. The words go on the wire as a fault's reason."""

    ABSENT = "absent"
    STALE = "stale"
    RANGE = "range"
    CRC = "crc"
    STUCK = "stuck"
    BLOCKED = "blocked"
    POWER_ON = "power_on"
    FOREIGN = "foreign"
    WELDED = "welded"
    NO_LIBRARY = "no_library"
    WAITING = "waiting"
    """It has not answered yet, and nobody would expect it to: no fault."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value, or the reason why there is none; never both, never neither.

    `detail` is a sentence for whoever stands before the hardware; it makes no reading differ.
    """

    value: T | None
    missing: Missing | None = None
    detail: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if (self.value is None) == (self.missing is None):
            raise ValueError("a reading has either a value or a reason why it is missing")

    @classmethod
    def of(cls, value: T) -> Reading[T]:
        """A reading that has a value."""
        return cls(value)

    @classmethod
    def without(cls, missing: Missing, detail: str | None = None) -> Reading[T]:
        """A reading that has none, and why."""
        return cls(None, missing, detail)
