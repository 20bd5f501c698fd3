"""What a minute's call asks of an outlet, and how far what came lies from it; for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.likelihood import against

_HOT, _TOO_HOT = 0.15, 0.7  # more than all of the heat: usual, and one that overheats


@dataclass(slots=True)
class Asked:
    """`error`: of the model, in K. `drive`: what the call adds in this minute, `owed`: of it what
    leads to no more heat than was ever seen; `full`: the most it can add. `want`: how far the room
    lies below its level. `is_far`: the model has hardly been where it is asked now."""

    error: float
    drive: float
    owed: float
    full: float
    want: float
    is_far: bool

    def lacking(self, usual: float, broken: float, variance: float) -> float:
        """A step of evidence that the broken share of what is owed is missing, not the usual."""
        owed = self.owed
        return against(self.error + self.drive - owed, -usual * owed, -broken * owed, variance)

    def exceeding(self, variance: float) -> float:
        """A step of evidence that far more came than was asked for."""
        return against(self.error, _HOT * self.drive, _TOO_HOT * self.drive, variance)
