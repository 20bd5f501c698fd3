"""Nobody calls for heat in the cold: set lower, not opened, or without power? For `isolation` only.

Each story says how likely what was seen is: few lower a thermostat by more than some degrees, so
the further the room falls without a call the less it can be that; riders do not all stay away from
a place that is open; a meter that shows a standby is fed. What is likely enough is told; what is
not, waits, until the room has been too cold for too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from warmstation_server.diagnosis.finding import Cause

# Before anything is seen: thermostats are turned down more often than mains fail. Without a
# counter nobody can say `closed`, which lowers how sure the other two can be.
_LOWER, _CLOSED, _POWER = 2.0, 1.0, 1.0
_LEAST_LOWERED_K, _MOST_LOWERED_K = 1.0, 6.0
_HARDLY = 0.02
_TOLD, _CLOSED_TOLD = 0.85, 0.997  # a door has many chances to be silent
_UNTOLD_MIN, _DEAD_MIN = 240.0, 60.0
_SOME_NATS, _MOST_NATS = 1.5, 30.0
_STORIES: tuple[Cause, ...] = ("setpoint", "closed", "power_lost")


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What is known. `fallen_k`: below the level of the call; `waited_min`: for how long;
    `below_night`: by more than the level of the night explains. `silence`: of the door, in visits
    that were to be expected, None without a counter; `passed_late`: somebody came in longer after
    it began than riders stay. `is_dead`, `is_fed`: the meter shows less than ever, or its standby.
    `is_pressing`: the room has been too cold for so long that a cause must be told. `before`: which
    of the three was told."""

    fallen_k: float = 0.0
    waited_min: float = 0.0
    below_night: bool = False
    silence: float | None = None
    passed_late: bool = False
    is_dead: bool = False
    is_fed: bool = False
    is_pressing: bool = False
    before: Cause | None = None

    @property
    def may_be_closed(self) -> bool:
        """Whether a silent door has yet to be heard, or found silent."""
        is_silent = self.silence is not None and self.silence > _SOME_NATS
        return is_silent and not self.passed_late and self.waited_min < _DEAD_MIN


def shares(seen: Uncertain) -> tuple[float, float, float]:
    """How likely (set lower, closed, without power) are; together 1."""
    span = _MOST_LOWERED_K - _LEAST_LOWERED_K
    lower = _LOWER * max(_HARDLY, min(1.0, (_MOST_LOWERED_K - seen.fallen_k) / span))
    closed = _CLOSED * (exp(min(seen.silence, _MOST_NATS)) if seen.silence is not None else 1.0)
    power = _POWER
    if seen.passed_late:
        closed *= _HARDLY
    if seen.below_night and seen.silence is None:
        closed *= 0.2
    if seen.is_dead:
        lower *= _HARDLY
        closed *= 0.5  # who closes may leave it plugged in
    if seen.is_fed:
        power *= _HARDLY
    total = lower + closed + power
    return lower / total, closed / total, power / total


def told(seen: Uncertain) -> tuple[Cause, float] | None:
    """(cause, how sure), once it is likely enough, or cannot wait; None until then. What was told
    keeps its name until another is likely enough."""
    lower, closed, power = share = shares(seen)
    is_counted = seen.silence is not None
    either = 1.0 if is_counted else lower + power
    if is_counted and closed > _CLOSED_TOLD:
        return "closed", min(closed, 0.9)
    if lower > _TOLD * either:
        return "setpoint", lower
    if power > _TOLD * either:
        return "power_lost", power
    if seen.before is not None:
        return seen.before, share[_STORIES.index(seen.before)]
    if seen.waited_min > (_DEAD_MIN if seen.is_dead else _UNTOLD_MIN) or seen.is_pressing:
        if is_counted and closed > max(lower, power):
            return "closed", closed
        return ("setpoint", lower) if lower > power else ("power_lost", power)
    return None
