"""How incredible is it that nobody uses a socket while its neighbours are used? Pure.

Of the sessions at sockets of one kind, a share p falls to this one. p is not known but learned: a
Beta distribution from the socket's own past, begun as if 4 of its fair share had been seen. That
none of n sessions is its own then has probability B(a, b + n) / B(a, b) (the beta-binomial law):
a corner that few choose earns patience, a favourite is missed at once. A run without a session
teaches nothing until a session ends it, or a dead socket would slowly become a usual one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

INCREDIBLE = -6.0
"""log10 of the probability: tested at every session, it is wrong once in decades a station."""
_PRIOR = 4.0
_MEMORY = 1000.0


@dataclass(slots=True)
class IdleSocket:
    """`own`: sessions here; `other`: those elsewhere in the runs between them; `run`: since."""

    own: float = 0.0
    other: float = 0.0
    run: int = 0
    since_s: float = 0.0

    def used(self, at_s: float) -> None:
        """A session here."""
        self.own += 1.0
        self.other += self.run
        self.run, self.since_s = 0, at_s
        if self.own + self.other > _MEMORY:
            self.own, self.other = self.own / 2, self.other / 2

    def passed_over(self, at_s: float) -> None:
        """A session elsewhere while this one was free."""
        if self.run == 0 and self.since_s == 0.0:
            self.since_s = at_s
        self.run += 1

    def credit(self, sockets: int) -> float:
        """log10 of the probability of such a run; `sockets`: of this kind, this one too."""
        own = self.own + _PRIOR
        other = self.other + _PRIOR * (sockets - 1)
        nats = (
            lgamma(other + self.run)
            - lgamma(other)
            + lgamma(own + other)
            - lgamma(own + other + self.run)
        )
        return nats / 2.302585092994046
