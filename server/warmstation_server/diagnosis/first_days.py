"""Troubles so plain that no learning is needed, for the days in which the models only learn.

A heater that is called for and stays cold, or blows warm and is not called for, is so by any
station's habits; only the patience is generous. What is guessed from outlet or power is no call.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.isolation import Named
from warmstation_server.diagnosis.sample import APART_MIN, Minute

_COLD_K = 1.5
_COLD_SHARE = 0.15
_RISEN_K, _FALLEN_K, _COLDER_K = 0.5, 0.3, 8.0  # without heat it falls where it is colder outside
_WARM_K = 8.0
_COLD_MIN = {"electric": 30.0, "heatpump": 45.0, "radiator": 75.0}
_WARM_MIN = {"electric": 40.0, "heatpump": 40.0, "radiator": 150.0}
_DRY_MIN, _DRAWING_MIN = 12.0, 20.0
_NO_WATTS, _METER_WATTS, _MANY_WATTS = 5.0, 30.0, 200.0
_MOST_MIN = 5.0
_NEARLY_ALL = 0.9  # less may be the mean of a call that came and went


@dataclass(slots=True)
class FirstDays:
    """Minutes in a row: `cold_min` called and cold, `warm_min` warm without a call, `dry_min`
    called and drawing nothing, `drawing_min` drawing without a call. `from_c`: the room as the
    cold began, `is_held`: it has not fallen since, though it would without heat.
    `most_k`, `most_w`: the most that was seen under a call.
    """

    cold_min: float = 0.0
    warm_min: float = 0.0
    dry_min: float = 0.0
    drawing_min: float = 0.0
    from_c: float = 0.0
    is_held: bool = False
    most_k: float = 0.0
    most_w: float = 0.0

    def after(self, minute: Minute, kind: str, *, call_is_guessed: bool) -> Named | None:
        """The trouble while it lasts."""
        call = minute.call
        if call is None or call_is_guessed or minute.is_gap:
            self.cold_min = self.warm_min = self.dry_min = self.drawing_min = 0.0
            return None
        length = min(minute.length_min, _MOST_MIN)
        self._see_outlet(minute, call, length)
        if minute.watts is not None:
            self._see_power(minute.watts, call, length, is_rare=minute.length_min >= APART_MIN)
        return self._named(kind, minute.watts)

    @property
    def lasted_min(self) -> float:
        """How long what is told has lasted."""
        return max(self.cold_min, self.warm_min, self.dry_min, self.drawing_min)

    def _see_outlet(self, minute: Minute, call: float, length: float) -> None:
        excess_k, room = minute.excess_k, minute.room
        if excess_k is None or room is None:
            return
        if call > 0.5:
            self.most_k = max(self.most_k, excess_k)
        is_cold = call > 0.99 and excess_k < max(_COLD_K, _COLD_SHARE * self.most_k)
        if not is_cold or self.cold_min <= 0.0:
            self.from_c = room
        is_cold = is_cold and room < self.from_c + _RISEN_K  # else heated unseen
        self.cold_min = self.cold_min + length if is_cold else 0.0
        is_colder = minute.outdoor is not None and minute.outdoor < room - _COLDER_K
        is_closed = not minute.is_open  # by day what is called for should be felt
        self.is_held = is_colder and is_closed and room > self.from_c - _FALLEN_K
        self.warm_min = self.warm_min + length if call < 0.01 and excess_k > _WARM_K else 0.0

    def _see_power(self, watts: float, call: float, length: float, *, is_rare: bool) -> None:
        if call > 0.5:
            self.most_w = max(self.most_w, watts)
        is_dry = call > 0.99 and self.most_w > _METER_WATTS and watts < _NO_WATTS
        self.dry_min = self.dry_min + length if is_dry else 0.0
        share = _NEARLY_ALL if is_rare else 0.5
        is_drawing = call < 0.01 and watts > max(_MANY_WATTS, share * self.most_w)
        self.drawing_min = self.drawing_min + length if is_drawing else 0.0

    def _named(self, kind: str, watts: float | None) -> Named | None:
        if self.dry_min > _DRY_MIN:
            return Named("no_heat", "power", 0.8)
        if self.drawing_min > _DRAWING_MIN:
            return Named("stuck_on", "power", 0.8)
        if self.cold_min > _COLD_MIN[kind] and not self.is_held:
            is_dry = watts is not None and watts < _NO_WATTS
            return Named("no_heat", "power" if is_dry else "outlet", 0.6)
        return Named("stuck_on", "outlet", 0.6) if self.is_warm_uncalled(kind) else None

    def is_warm_uncalled(self, kind: str) -> bool:
        """Whether what nobody calls for blows warm for longer than any heater's own heat lasts."""
        return self.warm_min > _WARM_MIN[kind]
