"""What a heater that gives more or less as it likes gives at its best; for heat pumps in `outlet`.

In a block of hours a healthy pump reaches at least once what it reached in every block before, or
as much for each kelvin that the room loses: in mild weather it throttles, in cold it is at its end.
One that gives less than ever in both ways is weak, though the room is kept by longer runs.
"""

from __future__ import annotations

from dataclasses import dataclass

_BLOCK_S = 4.0 * 3600.0
_CALLED_MIN = 45.0
_KNOWN = 20
_POOR_SHARE, _POOR_FOR_LOSS = 0.68, 0.75
_POOR_BLOCKS, _MENDED_BLOCKS = 2, 14
_LEAST_LOSS = 0.25
_FORGETS = 0.003  # a block: what was least months ago is no measure


@dataclass(slots=True)
class Peaks:
    """`most_k`, `most_for_loss`: best of the block that began at `begun_s`; `least_k`,
    `least_for_loss`: the poorest best of all healthy blocks; `little`: blocks in a row well below
    the one, `poor`: below both, since `since_s`."""

    begun_s: float | None = None
    since_s: float = 0.0
    called_min: float = 0.0
    most_k: float = 0.0
    most_for_loss: float = 0.0
    least_k: float = 0.0
    least_for_loss: float = 0.0
    blocks: int = 0
    poor: int = 0
    little: int = 0

    def after(self, heat_k: float, loss: float, at_s: float, length_min: float) -> None:
        """Takes a minute under call; `loss`: room above outdoor in units of 20 K."""
        if self.begun_s is None:
            self.begun_s = at_s
        self.called_min += length_min
        self.most_k = max(self.most_k, heat_k)
        self.most_for_loss = max(self.most_for_loss, heat_k / max(_LEAST_LOSS, loss))
        if at_s - self.begun_s > _BLOCK_S and self.called_min > _CALLED_MIN:
            self._close()

    @property
    def is_poor(self) -> bool:
        """Whether two blocks in a row were poorer than any before."""
        return self.poor >= _POOR_BLOCKS

    def calm(self) -> None:
        """Forgets the block that runs, and those that seemed poor."""
        self.poor = 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.begun_s = None
        self.called_min = self.most_k = self.most_for_loss = 0.0

    def _close(self) -> None:
        is_little = self.most_k < _POOR_SHARE * self.least_k and self.blocks >= _KNOWN
        is_poor = is_little and self.most_for_loss < _POOR_FOR_LOSS * self.least_for_loss
        if is_poor and self.poor == 0:
            self.since_s = self.begun_s or 0.0
        self.poor = self.poor + 1 if is_poor else 0
        self.little = self.little + 1 if is_little else 0
        if not is_little or self.little > _MENDED_BLOCKS:
            self._learn()
        self._begin_anew()

    def _learn(self) -> None:
        self.blocks += 1
        least_k, least_for_loss = self.least_k, self.least_for_loss
        if self.blocks == 1:
            least_k, least_for_loss = self.most_k, self.most_for_loss
        self.least_k = min(self.most_k, least_k + _FORGETS * (self.most_k - least_k))
        off = self.most_for_loss - least_for_loss
        self.least_for_loss = min(self.most_for_loss, least_for_loss + _FORGETS * off)
