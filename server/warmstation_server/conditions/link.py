"""Is the station heard at all, and does its link hold? By arrival, not by the station's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.standing import Standing
from warmstation_server.status.freshness import LIVE_FOR, STALE_FOR

OFFLINE_S = STALE_FOR.total_seconds()
_LIVE_S = LIVE_FOR.total_seconds()
_MANY_BREAKS, _FEW_BREAKS = 4.0, 1.0
_BREAKS_LEAK_S = 3600.0
_USUAL = 0.05
_FIRST_INTERVAL_S = 60.0
_ALIKE = 0.2
_REGULAR = 3


@dataclass(slots=True)
class Link:
    """When it was heard last, how long it usually is silent, how often it was for longer.

    Silence counts only while the server listened itself: see `Watch`.
    """

    heard_s: float = 0.0
    interval_s: float = _FIRST_INTERVAL_S
    breaks: float = 0.0
    broke_s: float = 0.0
    is_offline: bool = False
    gap_s: float = 0.0
    alike: int = 0

    def after(self, received_s: float, listening_s: float, standing: Standing) -> None:
        """A report came."""
        if self.heard_s and received_s - self.heard_s >= 1.0:
            silent_s = received_s - max(self.heard_s, listening_s)
            gap_s = min(received_s - self.heard_s, OFFLINE_S)
            is_regular = self._is_regular(gap_s)
            if silent_s > max(_LIVE_S, 2.5 * self.interval_s + 60.0) and not is_regular:
                self.breaks = min(12.0, self._breaks_at(received_s) + 1.0)
                self.broke_s = received_s
            else:
                self.interval_s += _USUAL * (gap_s - self.interval_s)
        if received_s > self.heard_s:
            self.heard_s = received_s
        self.is_offline = False
        was = standing.holds("station.flapping_link")
        if was is False and self.breaks == 0.0 and standing.holds("station.offline") is False:
            return
        standing.say("station.offline", False, received_s, value=0.0)
        breaks = self._breaks_at(received_s)
        self.breaks, self.broke_s = breaks, received_s
        standing.say(
            "station.flapping_link",
            breaks > (_FEW_BREAKS if was else _MANY_BREAKS - 0.5),
            received_s,
            value=round(breaks, 1),
            step=1.0,
            evidence={"breaks": round(breaks, 1), "interval_s": round(self.interval_s)},
        )

    def set_back(self, now_s: float) -> None:
        """Nothing came later than now: the server's clock was ahead."""
        self.heard_s, self.broke_s = min(self.heard_s, now_s), min(self.broke_s, now_s)

    def offline_at(self, listening_s: float) -> float:
        """From when it counts as offline unless it is heard."""
        return max(self.heard_s, listening_s) + OFFLINE_S

    def silent(self, now_s: float, standing: Standing) -> None:
        """It is offline."""
        self.is_offline = True
        minutes = (now_s - self.heard_s) / 60.0
        standing.say(
            "station.offline",
            True,
            now_s,
            value=round(minutes),
            since_s=self.heard_s,
            evidence={"silent_min": round(minutes)},
        )

    def _is_regular(self, gap_s: float) -> bool:
        """Whether gaps have become alike: a new interval was ordered, nothing breaks."""
        is_alike = abs(gap_s - self.gap_s) <= _ALIKE * self.gap_s
        self.alike = min(9, self.alike + 1) if is_alike else 0
        self.gap_s = gap_s
        if self.alike == _REGULAR:
            self.interval_s = gap_s
        return self.alike > 0 and gap_s < OFFLINE_S

    def _breaks_at(self, at_s: float) -> float:
        return max(0.0, self.breaks - (at_s - self.broke_s) / _BREAKS_LEAK_S)

    def saved(self) -> list[Any]:
        """As JSON values."""
        return list(_row(self))


_row = reader(Link)
