"""Is the outlet hotter than it has ever been in health? A limit that knows its station."""

from __future__ import annotations

from dataclasses import dataclass

_RATIO = {"electric": 1.3, "radiator": 1.3, "heatpump": 1.4}
_MARGIN_K = 3.0
_YOUNG_RATIO = 0.5  # what was never called for long may have been hotter yet
_TRUSTED_SHARE = 2.0
_RISES_A_MIN = 0.03 / 60.0
_TAKEN_SHARE = 0.5
_HOTTER_SHARE, _MOST_SHARE = 1.2, 2.5
_FORGETS_A_MIN = 1.0 / (60.0 * 1440.0)


@dataclass(slots=True)
class Hottest:
    """`top_k`: the largest healthy excess; `over`: samples in a row beyond the limit; `most_k`: the
    hottest since an overheat was over; `has_erred`: one that was told went away by itself.
    `top_share`: the most healthy heat beside what the model expected of a call so long."""

    top_k: float = 0.0
    over: int = 0
    most_k: float = 0.0
    has_erred: bool = False
    top_share: float = 1.0

    def after(
        self,
        z: float,
        full_k: float,
        minutes: float,
        kind: str,
        *,
        is_known: bool,
        youth: float = 0.0,
    ) -> None:
        """Takes an excess; `full_k`: what the model says a lasting call would bring; `youth`: 1 of
        a heater that was never called for, 0 of one whose calls are well known.

        The largest healthy excess may rise by a few percent an hour, an overheating heater
        rises within minutes.
        """
        ratio = _RATIO[kind] + _YOUNG_RATIO * youth
        limit = ratio * max(self.top_k, full_k) + _MARGIN_K
        self.over = self.over + 1 if is_known and self.top_k > 0.0 and z > limit else 0
        self.most_k = max(self.most_k, z)
        if z > self.top_k:
            is_free = not is_known or (kind == "heatpump" and z <= limit)
            slow = z if is_free else self.top_k * _RISES_A_MIN * minutes
            self.top_k = min(z, self.top_k + slow)
        else:
            self.top_k -= self.top_k * _FORGETS_A_MIN * minutes

    def went_away(self) -> None:
        """What was told and is over by itself may have been a stage that was never needed before:
        half of it is taken for healthy, and all of it when that happens again."""
        share = 1.0 if self.has_erred else _TAKEN_SHARE
        self.top_k = max(self.top_k, self.top_k + share * (self.most_k - self.top_k))
        self.most_k, self.has_erred = 0.0, True

    def doubted(
        self,
        step: float,
        heat_k: float,
        share: float,
        minutes: float,
        *,
        is_young: bool,
        is_far: bool,
    ) -> float:
        """What a step of evidence for an overheat is worth where nobody measures the draw. Where
        the model has hardly been (`is_far`), where healthy heat was twice what it expected, and
        where an overheat went away, it must be hotter by a fifth than it ever was. After a short
        call it need not be hotter than ever, but than after any such call: `share` is its heat
        beside what is expected of a call so long."""
        is_much = share >= _HOTTER_SHARE * self.top_share and not is_young
        if share > self.top_share:
            slow = share if is_young else self.top_share * _RISES_A_MIN * minutes
            self.top_share = min(share, self.top_share + slow, _MOST_SHARE)
        else:
            self.top_share -= (self.top_share - 1.0) * _FORGETS_A_MIN * minutes
        if heat_k >= _HOTTER_SHARE * self.top_k:
            return step
        if self.has_erred:
            return min(step, -1.0)
        is_trusted = not is_far and self.top_share < _TRUSTED_SHARE
        return step if is_much or is_trusted else min(step, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether two samples in a row lay beyond the limit."""
        return self.over >= 2
