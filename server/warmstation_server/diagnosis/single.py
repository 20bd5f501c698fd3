"""One unnamed sensor: is it behaving as it never does?

Page's CUSUM, both ways, for a lasting shift of three standard deviations: the value is held
against its own slow mean (a week's memory) and what this hour of the week mostly was, whichever is
nearer, in units of what is left over; an excursion is measured in standard deviations x hours, and
the bar knows the excursions that were normal (see `cusum`). The first three days only teach.
Nothing is known of the sensor but its past.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.errors import BadRecording
from warmstation_server.diagnosis.habit import Habit
from warmstation_server.diagnosis.likelihood import within

_MEMORY_S = 7.0 * 86400.0
_LEARN_FIRST_S = 3.0 * 86400.0
_ALLOWANCE = 1.5  # half of the three standard deviations that count as a shift
_BAR_SIGMA_H = 14.0
_CLIP = 6.0
_TIMES = ("timestamp", "time_s", "time", "datetime", "reading")
_VALUES = ("value", "room_c", "temperature")


@dataclass(frozen=True, slots=True)
class Surprise:
    """The onset of a stretch that is unlike the sensor's past. `label`: the time as written."""

    at_s: float
    label: str
    cause: str
    score: float
    evidence: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """One line of `warmstation diagnose --single --json`."""
        return {
            "time_s": self.at_s,
            "timestamp": self.label,
            "cause": self.cause,
            "severity": "warning",
            "confidence": round(self.score, 2),
            "evidence": {key: round(value, 3) for key, value in self.evidence.items()},
        }


@dataclass(slots=True)
class Excursion(Cusum):
    """A CUSUM that learns only from what was never alarming: an alarm here is an anomaly."""

    def _subside(self, at_s: float, threshold: float) -> None:
        usual = self.usual if self.is_raised else max(self.usual, self.peak)
        self.usual = min(usual, 3.0 * threshold)
        self.peak, self.is_raised = 0.0, False


@dataclass(slots=True)
class Single:
    """What is remembered of one sensor. `swing`: its variance about the mean; `variance`: what
    its habits leave over of it."""

    begun_s: float | None = None
    at_s: float = 0.0
    mean: float = 0.0
    variance: float = 0.0
    swing: float = 0.0
    weight_s: float = 0.0
    habit: Habit = field(default_factory=Habit)
    low: Excursion = field(default_factory=Excursion)
    high: Excursion = field(default_factory=Excursion)

    def after(self, at_s: float, value: float, label: str = "") -> Surprise | None:
        """A surprise at its onset; times that do not advance are passed over."""
        if self.begun_s is None:
            self.begun_s = self.at_s = at_s
            self.mean = value
            return None
        elapsed_s = min(at_s - self.at_s, 3600.0)
        if elapsed_s <= 0.0:
            return None
        self.at_s = at_s
        spread = max(math.sqrt(self.variance), 1e-3 * abs(self.mean), 1e-6)
        off, usual = value - self.mean, self.habit.at(at_s)
        beyond = off - max(min(0.0, usual), min(max(0.0, usual), off))
        z = within(beyond / spread, _CLIP)
        was_raised = self.low.is_raised or self.high.is_raised
        self._weigh(z, at_s, elapsed_s / 3600.0)
        self.habit.learn(at_s, within(off, 3.0 * max(spread, math.sqrt(self.swing))))
        self._learn(off, min(abs(off), abs(off - usual)), spread, elapsed_s)
        is_raised = self.low.is_raised or self.high.is_raised
        if was_raised or not is_raised or at_s - self.begun_s < _LEARN_FIRST_S:
            return None
        return self._surprise(at_s, value, z, label)

    def _weigh(self, z: float, at_s: float, hours: float) -> None:
        for cusum, step in ((self.low, -z), (self.high, z)):
            cusum.add((step - _ALLOWANCE) * hours, at_s, 60.0 * hours, _BAR_SIGMA_H)

    def _learn(self, off: float, nearest: float, spread: float, elapsed_s: float) -> None:
        """While something is raised the past is kept as it was."""
        self.weight_s = min(_MEMORY_S, self.weight_s + elapsed_s)
        if self.low.is_raised or self.high.is_raised:
            return
        rate = elapsed_s / max(self.weight_s, 3600.0)
        if self.weight_s > 86400.0:
            off = within(off, 3.0 * max(spread, math.sqrt(self.swing)))
            nearest = min(nearest, 3.0 * spread)
        self.swing = (1.0 - rate) * (self.swing + rate * off * off)
        self.mean += rate * off
        self.variance = (1.0 - rate) * (self.variance + rate * nearest * nearest)

    def _surprise(self, at_s: float, value: float, z: float, label: str) -> Surprise:
        cusum, cause = (self.low, "low") if self.low.is_raised else (self.high, "high")
        evidence = {"value": value, "usual": self.mean, "sigmas": z, "since_s": cusum.since_s}
        return Surprise(at_s, label, cause, min(0.99, 0.5 + 0.08 * abs(z)), evidence)


def surprises(lines: Iterable[str]) -> Iterator[Surprise]:
    """Surprises of a CSV `timestamp,value`; rows that do not parse are passed over.

    Raises BadRecording where there is no table, or no row that parses.
    """
    rows = csv.reader(lines)
    try:
        yield from _surprises(rows)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadRecording(f"line {rows.line_num + 1}: not a table in UTF-8 with commas") from error


def _surprises(rows: Iterator[list[str]]) -> Iterator[Surprise]:
    header = [name.strip().lower().lstrip("\ufeff") for name in next(rows, [])]
    time_column = _column(header, _TIMES, 0)
    value_column = _column(header, _VALUES, 1)
    sensor = Single()
    for row in rows:
        parsed = _parsed(row, time_column, value_column)
        if parsed is not None:
            surprise = sensor.after(*parsed, label=row[time_column])
            if surprise is not None:
                yield surprise
    if sensor.begun_s is None:
        raise BadRecording("no row has a time and a number: of the sensor nothing can be told")


def _column(header: list[str], names: tuple[str, ...], otherwise: int) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    if len(header) <= otherwise:
        raise BadRecording("line 1: columns timestamp,value are needed")
    return otherwise


def _parsed(row: list[str], time_column: int, value_column: int) -> tuple[float, float] | None:
    try:
        value = float(row[value_column])
        text = row[time_column].strip()
        at_s = _seconds(text)
    except (ValueError, IndexError):
        return None
    return (at_s, value) if math.isfinite(value) else None


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
