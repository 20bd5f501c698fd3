"""Does a watt bring more warmth to the outlet than it ever did? Air that no longer flows is hotter.

The excess of the outlet for each watt is the station's own, whatever the heater's mind is about how
much it gives. A compressor that turns slower brings more for each watt, so it is learned by how
much is drawn. It drifts with the weather over days, a filter that is blocked shows within minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log2

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import within
from warmstation_server.diagnosis.sample import Minute

_STARTED_MIN = 8.0
_LEAST_SHARE = 0.25
_HOT_SHARE = 1.4
_STEADY_SHARE = 0.2
_BAR_MIN = 8.0
_KNOWN_MIN = 240.0
_MEMORY_MIN = 600.0
_MOST_MIN = 2.5
_QUARTILE = 0.75
_LEAST_W, _BANDS_AN_OCTAVE, _BANDS = 100.0, 2.0, 12
_RESTED_MIN, _REST_MEMORY_MIN, _MOST_REST_K = 30.0, 300.0, 3.0


@dataclass(slots=True)
class PerWatt:
    """`usual`: excess in K for each watt of a running heater, by bands of what it draws, the upper
    quartile of `seen_min` minutes. `rest_k`: excess of a heater that has rested for `rest_min`, the
    two sensors' difference. `lagged_w`: the draw as late as the outlet shows it, `held_w`: as much
    of a larger one as it may still show. While these differ from the draw, it shows what was drawn
    before, and nothing is judged."""

    usual: list[float] = field(default_factory=lambda: [0.0] * _BANDS)
    rest_k: float = 0.0
    rest_min: float = 0.0
    seen_min: list[float] = field(default_factory=lambda: [0.0] * _BANDS)
    lagged_w: float = 0.0
    held_w: float = 0.0
    hot: Cusum = field(default_factory=Cusum)

    def after(
        self,
        minute: Minute,
        excess_k: float,
        usual_w: float,
        run_min: float,
        stays: float,
        *,
        may_learn: bool,
        is_frosted: bool = False,
    ) -> None:
        """`usual_w`: draw under call; `run_min`: minutes it has been called; `stays`: share of the
        outlet's excess that is left a minute after its heater went off; `is_frosted`: it defrosts,
        or has just done so."""
        watts, length = minute.watts or 0.0, min(minute.length_min, _MOST_MIN)
        kept = stays**length
        self.lagged_w += (1.0 - kept) * (watts - self.lagged_w)
        self.held_w = max(watts, self.held_w * kept)
        if run_min <= 0.0:
            self._rest(excess_k, minute.at_s, length)
            return
        self.rest_min = 0.0
        if minute.is_gap or run_min < _STARTED_MIN or is_frosted:
            return
        if watts < _LEAST_SHARE * usual_w:  # what does not draw does not overheat
            self.hot.add(-length, minute.at_s, length, _BAR_MIN)
            return
        if max(watts - self.lagged_w, self.held_w - watts) > _STEADY_SHARE * watts:
            return
        share, band = (excess_k - self.rest_k) / watts, _band(watts)
        if self.seen_min[band] > _KNOWN_MIN:
            is_hot = share > _HOT_SHARE * self.usual[band]
            self.hot.add(length if is_hot else -2.0 * length, minute.at_s, length, _BAR_MIN)
        if may_learn and not self.hot.holds(0.0, minute.at_s):
            self.seen_min[band] += length
            step = max(share, self.usual[band]) * length / min(self.seen_min[band], _MEMORY_MIN)
            self.usual[band] += step * (_QUARTILE if share > self.usual[band] else _QUARTILE - 1.0)

    def knows(self, watts: float) -> bool:
        """Whether it can tell what such a draw brings."""
        return self.seen_min[_band(watts)] > _KNOWN_MIN

    def _rest(self, excess_k: float, at_s: float, length: float) -> None:
        self.rest_min += length
        if self.rest_min > _RESTED_MIN:
            self.hot.add(-length, at_s, length, _BAR_MIN)
            off_k = within(excess_k, _MOST_REST_K) - self.rest_k
            self.rest_k += off_k * length / _REST_MEMORY_MIN


def _band(watts: float) -> int:
    return max(0, min(_BANDS - 1, int(_BANDS_AN_OCTAVE * log2(max(1.0, watts) / _LEAST_W))))
