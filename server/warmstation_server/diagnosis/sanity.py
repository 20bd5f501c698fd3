"""The first link: is the value a temperature at all? Rejects glitches, notices dead sensors."""

from __future__ import annotations

from dataclasses import dataclass

_JUMP_K = 3.0
_JUMP_K_A_MIN = 0.8
_AGREE_K = 2.0
_MOST_JUMP_K = 12.0
_FAULT_AFTER_S = 175.0
_POWER_ON_VALUES_C = (85.0, -127.0)  # DS18B20: conversion not done; bus without an answer


@dataclass(slots=True)
class Sanity:
    """What is left of one sensor's values.

    `jump_k`, `jump_k_a_min`: what the sensor can do in no time and a minute; what was rejected and
    then proved true makes it more: a small room behind a large heater leaps.
    `bucket`: rejected values, leaking one an hour. `missed_s`: when the run of unusable values
    began; `longest_s`: the longest such run that ended. Reports that were lost are no misses.
    """

    low_c: float
    high_c: float
    jump_k: float = _JUMP_K
    jump_k_a_min: float = _JUMP_K_A_MIN
    value: float | None = None
    at_s: float | None = None
    rejected: float | None = None
    agreeing: int = 0
    misses: int = 0
    missed_s: float = 0.0
    bucket: float = 0.0
    bucket_at_s: float = 0.0
    longest_s: float = 0.0
    is_faulty: bool = False
    is_spiking: bool = False

    def passed(self, value: float | None, at_s: float) -> float | None:
        """The value, or None where it is not to be believed."""
        if value is None or not self.low_c <= value <= self.high_c:
            self._missed(at_s)
            if value is not None:
                self._rejected(at_s)
            return None
        if self.value is None or self.at_s is None:
            return self._accepted(value, at_s) if self._is_first(value) else None
        jump = abs(value - self.value)
        if jump > self.jump_k and (
            jump > self.jump_k + self.jump_k_a_min * (at_s - self.at_s) / 60.0
            or value in _POWER_ON_VALUES_C
        ):
            return self._after_jump(value, jump, at_s)
        if self.misses == 0 and self.rejected is None and not self.is_faulty:  # nearly always
            self.value, self.at_s = value, at_s
            return value
        return self._accepted(value, at_s)

    def turned_faulty(self, at_s: float) -> bool:
        """True once when the sensor has given nothing valid for three minutes or keeps spiking."""
        if self.at_s is None:
            return False
        was_faulty = self.is_faulty
        if self.misses >= 2 and at_s - self.at_s >= _FAULT_AFTER_S:
            self.is_faulty = was_faulty or at_s - self.missed_s >= 1.5 * self.longest_s
        return self.is_faulty and not was_faulty

    def turned_spiking(self, at_s: float) -> bool:
        """True once when four values were rejected and the bucket could not leak them."""
        level = self.bucket - (at_s - self.bucket_at_s) / 3600.0
        was_spiking = self.is_spiking
        self.is_spiking = level > 3.0 or (was_spiking and level > 0.0)
        return self.is_spiking and not was_spiking

    def forgive(self, at_s: float) -> None:
        """The whole station was silent: its sensors are not to blame."""
        if self.at_s is not None:
            self.at_s = max(self.at_s, at_s)
        self.misses = 0

    def _is_first(self, value: float) -> bool:
        return value not in _POWER_ON_VALUES_C

    def _accepted(self, value: float, at_s: float) -> float:
        if self.misses > 1 and not self.is_faulty:
            self.longest_s = max(self.longest_s, min(at_s - self.missed_s, 1800.0))
        self.value, self.at_s = value, at_s
        self.misses = self.agreeing = 0
        self.rejected = None
        self.is_faulty = False
        return value

    def _after_jump(self, value: float, jump_k: float, at_s: float) -> float | None:
        """A jump is believed when three values in a row agree on it."""
        agrees = self.rejected is not None and abs(value - self.rejected) <= _AGREE_K
        is_glitch = value in _POWER_ON_VALUES_C
        self.agreeing = self.agreeing + 1 if agrees and not is_glitch else 0
        self.rejected = value
        if self.agreeing >= 2:
            own_k = min(_MOST_JUMP_K, 0.5 * (self.jump_k + jump_k))
            self.jump_k = max(self.jump_k, own_k)
            self.bucket = max(0.0, self.bucket - 2.0)
            return self._accepted(value, at_s)
        self._missed(at_s)
        self._rejected(at_s)
        return None

    def _missed(self, at_s: float) -> None:
        if self.misses == 0:
            self.missed_s = at_s
        self.misses += 1

    def _rejected(self, at_s: float) -> None:
        leaked = self.bucket - (at_s - self.bucket_at_s) / 3600.0
        self.bucket = min(6.0, max(0.0, leaked) + 1.0)
        self.bucket_at_s = at_s
