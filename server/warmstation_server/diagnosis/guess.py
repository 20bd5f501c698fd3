"""Was heat called for? A guess for stations that do not report the call."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.sample import Minute

_MISSED_S = 1800.0
_SILENT_S = 86400.0  # a relay that has not been wired for so long went silent for another reason
_LEAST_W = 50.0
_LEAST_K = 5.0
_FADE_A_MINUTE = 1.0e-5


@dataclass(slots=True)
class CallGuess:
    """The heater counts as called while it draws, or blows, a good part of its most."""

    told_at_s: float | None = None
    most_w: float = 0.0
    most_k: float = 0.0
    is_used: bool = False

    def filled(self, minute: Minute) -> None:
        """Sets the call of a minute that has none, where the station never tells it."""
        if minute.call is not None:
            self.told_at_s, self.is_used = minute.at_s, False
            self._follow(minute)
            return
        if self.told_at_s is not None and minute.at_s - self.told_at_s < _MISSED_S:
            return
        self._follow(minute)
        minute.call = self._guessed(minute)
        self.is_used = minute.call is not None

    def fell_silent(self, at_s: float) -> bool:
        """Whether the call was told until a day ago at most, and is not any more."""
        return self.is_used and self.told_at_s is not None and at_s - self.told_at_s < _SILENT_S

    def _follow(self, minute: Minute) -> None:
        fade = 1.0 - _FADE_A_MINUTE * min(minute.length_min, 60.0)
        if minute.watts is not None:
            self.most_w = max(minute.watts, self.most_w * fade)
        if minute.excess_k is not None:
            self.most_k = max(minute.excess_k, self.most_k * fade)

    def _guessed(self, minute: Minute) -> float | None:
        if minute.watts is not None:
            return float(minute.watts > 0.25 * self.most_w) if self.most_w > _LEAST_W else None
        if minute.excess_k is not None:
            minute.call_is_outlets = self.most_k > _LEAST_K
            return float(minute.excess_k > 0.35 * self.most_k) if self.most_k > _LEAST_K else None
        return None
