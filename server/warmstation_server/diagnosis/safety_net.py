"""Plain thresholds that are always on, whatever the models think. Real degrees, not negated."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.finding import Cause, Severity

_COLD_C = 16.0
_VERY_COLD_C = 12.0
_PIPES_C = 8.0
_FROST_C = 5.0
_HOT_C = 35.0
_WARM_C = 30.0
_PERSIST_MIN, _NAMED_MIN, _FREEZES_MIN = 30.0, 50.0, 20.0
_AFTER_OPENING_H = 1.0
_NEW_AFTER_MIN = 20.0 * 60.0
_WARMING_K_AN_HOUR = 0.5
_BELOW_K, _FAR_BELOW_K, _ABOVE_K = 2.5, 6.0, 3.0  # of a set point; who promises 17 may have 15


@dataclass(slots=True)
class SafetyNet:
    """Minutes spent beyond each limit, which limit has been told (and is not told anew for a day),
    and whether what was told stands: it is over after half an hour in which all was well."""

    cold_min: float = 0.0
    very_cold_min: float = 0.0
    frost_min: float = 0.0
    ice_min: float = 0.0
    hot_min: float = 0.0
    warm_min: float = 0.0
    slow_c: float | None = None
    told_cold: int = 0
    told_frost: int = 0
    told_hot: int = 0
    well_min: float = 0.0
    is_cold: bool = False
    is_hot: bool = False
    mild_min: float = 0.0
    cool_min: float = 0.0

    def after(
        self,
        room_c: float,
        minutes: float,
        hours_open: float | None,
        *,
        is_cooling: bool,
        is_suspect: bool = False,
        setpoint: float = 20.0,
    ) -> list[tuple[Cause, Severity, float]]:
        """What is newly beyond a limit: (cause, severity, the limit in °C).

        `is_suspect`: the chain is about to name a cause, or knows that the heater does its best;
        a mere notice waits. `setpoint`: what is promised, in °C.
        """
        cold_c = min(_COLD_C, setpoint - _BELOW_K)
        minutes = min(minutes, 10.0)
        if self.slow_c is None:
            self.slow_c = room_c
        self.slow_c += (room_c - self.slow_c) * (minutes / 45.0)
        self._end(room_c, minutes, cold_c, _warm_c(setpoint, is_cooling=is_cooling))
        is_well = _PIPES_C + 1.0 < room_c < _WARM_C - 1.0 and not self.frost_min
        if is_well and room_c > cold_c + 0.5 and not self.told_frost and not self.warm_min:
            self.cold_min = self.very_cold_min = self.hot_min = 0.0
            self._rest(minutes)
            return []
        return [
            *self._cold(room_c, minutes, hours_open, setpoint, is_suspect=is_suspect),
            *self._frost(room_c, minutes),
            *self._hot(room_c, minutes, hours_open, setpoint, is_cooling=is_cooling),
        ]

    def _cold(
        self,
        room_c: float,
        minutes: float,
        hours_open: float | None,
        setpoint: float,
        *,
        is_suspect: bool,
    ) -> list[tuple[Cause, Severity, float]]:
        """Open hours only; a room that is still warming up gets its time."""
        cold_c = min(_COLD_C, setpoint - _BELOW_K)
        very_cold_c = min(_VERY_COLD_C, setpoint - _FAR_BELOW_K)
        counts = hours_open is not None and hours_open > _AFTER_OPENING_H
        is_warming = room_c - (self.slow_c or room_c) > 0.75 * _WARMING_K_AN_HOUR
        if not counts or room_c >= cold_c or is_warming:
            self.cold_min = self.very_cold_min = 0.0
        else:
            self.cold_min += minutes
            self.very_cold_min = self.very_cold_min + minutes if room_c < very_cold_c else 0.0
        if room_c > cold_c + 0.5 or hours_open is None:
            self._rest(minutes)
        patience = 2.0 * _PERSIST_MIN if is_suspect else _PERSIST_MIN
        self.is_cold |= self.cold_min >= patience or self.very_cold_min >= _PERSIST_MIN
        if self.very_cold_min >= _PERSIST_MIN and self.told_cold < 2:
            self.told_cold, self.well_min = 2, 0.0
            return [("cold", "urgent", very_cold_c)]
        if self.cold_min >= patience and self.told_cold < 1:
            self.told_cold, self.well_min = 1, 0.0
            return [("cold", "notice", cold_c)]
        return []

    @property
    def is_pressing(self) -> bool:
        """Whether it has been too cold for so long that the likeliest cause is to be named: who is
        to be told of a cold room wants to be told why."""
        return self.cold_min >= _NAMED_MIN or self.frost_min >= _FREEZES_MIN

    def _rest(self, minutes: float) -> None:
        """A room that is too cold each morning of a cold week is told of once a day."""
        self.well_min += minutes
        if self.well_min > _NEW_AFTER_MIN:
            self.told_cold = self.told_hot = 0
            self.is_cold = self.is_hot = False

    def _end(self, room_c: float, minutes: float, cold_c: float, warm_c: float) -> None:
        """What was told is over, though it is not told anew for a day."""
        if self.is_cold:
            self.mild_min = self.mild_min + minutes if room_c > cold_c + 0.5 else 0.0
            self.is_cold = self.mild_min < _PERSIST_MIN
        else:
            self.mild_min = 0.0
        if self.is_hot:
            self.cool_min = self.cool_min + minutes if room_c < warm_c - 1.0 else 0.0
            self.is_hot = self.cool_min < _PERSIST_MIN
        else:
            self.cool_min = 0.0

    def _frost(self, room_c: float, minutes: float) -> list[tuple[Cause, Severity, float]]:
        self.frost_min = self.frost_min + minutes if room_c < _PIPES_C else 0.0
        self.ice_min = self.ice_min + minutes if room_c < _FROST_C else 0.0
        if room_c > _PIPES_C + 1.0:
            self.told_frost = 0
        if self.ice_min >= 5.0 and self.told_frost < 2:
            self.told_frost = 2
            return [("frost", "critical", _FROST_C)]
        if self.frost_min >= _PERSIST_MIN and self.told_frost < 1:
            self.told_frost = 1
            return [("frost", "urgent", _PIPES_C)]
        return []

    def _hot(
        self,
        room_c: float,
        minutes: float,
        hours_open: float | None,
        setpoint: float,
        *,
        is_cooling: bool,
    ) -> list[tuple[Cause, Severity, float]]:
        warm_c = _warm_c(setpoint, is_cooling=is_cooling)
        counts = is_cooling and hours_open is not None and hours_open > _AFTER_OPENING_H
        is_falling = room_c - (self.slow_c or room_c) < -0.75 * _WARMING_K_AN_HOUR
        self.hot_min = self.hot_min + minutes if room_c > _HOT_C else 0.0
        warm = counts and room_c > warm_c and not is_falling
        self.warm_min = self.warm_min + minutes if warm else 0.0
        if room_c < warm_c - 1.0:
            self.told_hot = 0
        self.is_hot |= self.hot_min >= 5.0 or self.warm_min >= _PERSIST_MIN
        if self.hot_min >= 5.0 and self.told_hot < 2:
            self.told_hot, self.well_min = 2, 0.0
            return [("hot", "critical", _HOT_C)]
        if self.warm_min >= _PERSIST_MIN and self.told_hot < 1:
            self.told_hot, self.well_min = 1, 0.0
            return [("hot", "notice", warm_c)]
        return []


def _warm_c(setpoint: float, *, is_cooling: bool) -> float:
    return max(_WARM_C, setpoint + _ABOVE_K) if is_cooling else _HOT_C
