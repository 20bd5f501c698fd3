"""Is a door that was told of shut again? For `opening` only.

The room's own drift makes of any loss that lasts the usual within an hour or two, so a loss that
has faded says nothing. The door is shut when the room gains back what it took: when it keeps its
heat again as it did by the drift of the time before.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.likelihood import ratio, within

_SHUT_NATS = 9.0  # at one a bin about half an hour
_LEAST_SHARE = 0.5  # of what was lost: a model errs by some of it in a room that grows cold
_LEAST_NOISES = 2.0  # a loss that has become so small is hardly seen to end
_RATE = 0.05  # the model goes on learning, and takes a share of the loss for its own


@dataclass(slots=True)
class Ajar:
    """In units of the loss at 20 K, bin by bin. `usual_k`: the model's drift before the door was
    opened; `loss`: what is lost through it, 0 while none is told of; `kept`: nats for shut."""

    usual_k: float = 0.0
    loss: float = 0.0
    kept: float = 0.0

    def after(self, loss: float, noise: float) -> None:
        """Takes a bin's loss beyond what was usual then."""
        if self.loss <= 0.0:
            return
        least = _LEAST_SHARE * max(self.loss, _LEAST_NOISES * noise)
        self.kept += within(ratio(loss - least, -least, noise), 1.0)
        self.kept = min(max(0.0, self.kept), 1.5 * _SHUT_NATS)
        if self.kept == 0.0:
            self.loss += (max(0.0, loss) - self.loss) * _RATE

    def tell(self, loss: float) -> None:
        """It was told that the door is open."""
        self.loss, self.kept = loss, 0.0

    def end(self) -> None:
        """It is told no longer."""
        self.loss = self.kept = 0.0

    @property
    def is_shut(self) -> bool:
        """Whether the room keeps its heat again."""
        return self.kept >= _SHUT_NATS
