"""What becomes of a room that no call answers: how far it falls, and whether one comes lower down.

Three stories begin alike: somebody has set the thermostat lower, nobody has opened, the heater has
lost its power. A thermostat that is set lower calls again at its new level and stops again there:
that is its proof. Power that comes back heats the room up to where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

_STAYS_MIN, _STAYS_SHARE = 45.0, 0.5
_KEEPS_S = 6.0 * 3600.0
_SMOOTH_MIN = 10.0  # a reading is noisy, and a door's draught passes


@dataclass(slots=True)
class Uncalled:
    """`fallen_k`: how far the room lies below the level at which the call comes; `waited_min`: for
    how long it has lain too low; `below_night`: by more than the level of the night explains.
    `answered_s`, `answered_c`: when and where the call came again, too low, missing since
    `missed_s`; `is_lower`: it stopped there as well, or keeps the room there."""

    fallen_k: float = 0.0
    waited_min: float = 0.0
    below_night: bool = False
    answered_s: float = -1.0
    answered_c: float = 0.0
    missed_s: float = 0.0
    is_lower: bool = False

    def waits(self, fallen_k: float, minutes: float, *, below_night: bool) -> None:
        """A minute in which the call is missing."""
        share = min(1.0, minutes / _SMOOTH_MIN)
        self.fallen_k += (fallen_k - self.fallen_k) * share
        self.below_night = below_night
        self.waited_min += minutes

    def over(self) -> None:
        """Nothing is missing."""
        self.fallen_k = self.waited_min = 0.0
        self.below_night = False

    def switched(
        self, room: float, at_s: float, *, on: bool, is_low: bool, missed_s: float | None
    ) -> None:
        """The call came or went. `is_low`: far below where it does; `missed_s`: since when it was
        missing, if it was."""
        if on:
            self.over()
        if not is_low:
            self.forget()
        elif on and missed_s is not None:
            self.answered_s, self.answered_c = at_s, room
            if not self.is_lower:
                self.missed_s = missed_s
        elif not on and self.answered_s >= 0.0:
            self.is_lower = True

    def called(self, room: float, usual_c: float, at_s: float) -> None:
        """A minute under call: one that modulates may keep the room where it is for hours."""
        if self.answered_s < 0.0:
            return
        lasts_s = at_s - self.answered_s
        if lasts_s > _KEEPS_S and not self.is_lower:
            self.forget()
        elif lasts_s > 60.0 * _STAYS_MIN:
            half_c = self.answered_c + _STAYS_SHARE * (usual_c - self.answered_c)
            self.is_lower = self.is_lower or room < half_c

    def forget(self) -> None:
        """It switches where it always did."""
        self.answered_s, self.is_lower = -1.0, False
