"""Charger states, and when an e-bike point's contactor has to be open.

Pure: no clock, no pins. `charge_points` feeds it; times are monotonic seconds.

The agent only adds to the breakers and smoke panels of the building; it never replaces them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from warmstation_edge.load import CHARGING_ABOVE_W, Load, since_when
from warmstation_edge.reading import Missing, Reading
from warmstation_wire.report import ChargerState

LEAKS_FOR_S = 10.0
"""So long a load has to draw through an open contactor before it counts as welded."""
OVER_FOR_S = 4.0
"""An inrush is shorter; above 1.5 times the limit nothing is waited for."""
BLIND_AFTER_S = 60.0
SEEING_FOR_S = 8.0
"""So long everything that guards a charge must have been known before the contactor closes by
itself."""
REST_S = 30 * 60.0
PROBATION_S = 120.0
"""Who draws power so soon after the contactor closed is the bike that was there before it opened:
its charge goes on, and so does its limit."""
COOLED_BY_C = 10.0


class Trip(StrEnum):
    """Why an e-bike point's contactor is open."""

    START = "start"
    BLIND = "blind"
    TOO_LONG = "too_long"
    OVERCURRENT = "overcurrent"
    OVERHEAT = "overheat"
    SMOKE = "smoke"
    COMMANDED = "commanded"
    FORGOTTEN = "forgotten"
    """Whether it was one of those above the card does not tell."""


LATCHED = frozenset({Trip.OVERCURRENT, Trip.OVERHEAT, Trip.SMOKE, Trip.COMMANDED, Trip.FORGOTTEN})
"""Only a person closes these again, by command, and only when the cause is gone."""
DEFECT = frozenset({Trip.OVERCURRENT, Trip.OVERHEAT})
_WEIGHT = {
    Trip.FORGOTTEN: 1,
    Trip.COMMANDED: 1,
    Trip.SMOKE: 2,
    Trip.OVERCURRENT: 3,
    Trip.OVERHEAT: 4,
}
"""What a point is open for gives way to what weighs more: a command tells nothing of what is wrong,
smoke is told by the station itself, and a battery may burn long after its contactor has opened."""
TOLD = DEFECT | {Trip.TOO_LONG, Trip.BLIND, Trip.FORGOTTEN}
"""What a report names as this point's fault; smoke and commands are told elsewhere."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an e-bike point may draw, how warm its probe may get, how long a charge may last."""

    max_w: float
    max_c: float
    max_s: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a point now. None: no such reading yet, or no smoke detector at all.

    `power` and `probe_c` are corrected; `felt_w` and `felt_c` are what the sensors said before.
    """

    power: Reading[float] | None
    probe_c: Reading[float] | None
    smoke: Reading[bool] | None = None
    felt_w: float | None = None
    felt_c: float | None = None

    @property
    def watts(self) -> float | None:
        """The power that guards a point: the higher of what a sensor said and what a correction
        made of it. A correction may make a point more careful and never less, whoever sent it."""
        return _higher(self.power, self.felt_w)

    @property
    def celsius(self) -> float | None:
        """The temperature that guards a point, in the same way."""
        return _higher(self.probe_c, self.felt_c)

    @property
    def sees(self) -> bool:
        """Whether everything that guards a charge is known."""
        guards = (self.power, self.probe_c, *((self.smoke,) if self.smoke else ()))
        return all(one is not None and one.value is not None for one in guards)


@dataclass(frozen=True, slots=True)
class Point:
    """An e-bike point: its contactor is open exactly when there is a trip.

    `charged_s`: how long the bike that was here when the contactor opened had been charging.
    """

    trip: Trip | None = Trip.START
    tripped_at: float = 0.0
    charging_since: float | None = None
    charged_s: float = 0.0
    over_since: float | None = None
    blind_since: float | None = None
    seeing_since: float | None = None
    leaks_since: float | None = None
    leaks_s: float = 0.0
    closed_at: float | None = None
    probation_until: float | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What of a point has to outlive a restart: how long this charge has lasted, and what only a
    person may close again."""

    lasted_s: float = 0.0
    is_under_way: bool = False
    trip: Trip | None = None


NO_CHARGE = Charge()
FORGOTTEN = Charge(trip=Trip.FORGOTTEN)
"""Of a point whose past nobody knows: only a person may say that it is safe."""


def is_welded(point: Point) -> bool:
    """Whether samples, and not the clock since one of them, say that current flowed for a while
    though the contactor should have been open: a busy machine may be late with the next one."""
    return point.leaks_s >= LEAKS_FOR_S


def after_facts(point: Point, facts: Facts, charging: bool, limits: Limits, now: float) -> Point:
    """The point once these facts are known; `trip` says whether and why it is open."""
    point = _remembered(point, facts, charging, limits, now)
    worst = max(dangers_of(point, facts, limits, now), key=_weight, default=None)
    if point.trip is None:
        return point if worst is None else _tripped(point, worst, now)
    if worst is not None and _weight(worst) > _weight(point.trip):
        return _tripped(point, worst, now)
    return _closed(point, now) if _is_over(point, worst, now) else point


def dangers_of(point: Point, facts: Facts, limits: Limits, now: float) -> Iterator[Trip]:
    """Every reason to be open now, whatever the contactor does."""
    if facts.smoke is not None and facts.smoke.value:
        yield Trip.SMOKE
    if facts.celsius is not None and facts.celsius >= limits.max_c:
        yield Trip.OVERHEAT
    if _draws_too_much(point, facts, limits, now):
        yield Trip.OVERCURRENT
    if point.blind_since is not None and now - point.blind_since >= BLIND_AFTER_S:
        yield Trip.BLIND
    if point.charging_since is not None and now - point.charging_since >= limits.max_s:
        yield Trip.TOO_LONG


def charge_of(point: Point, now: float) -> Charge:
    """What has to be kept of this point now."""
    since, latched = point.charging_since, point.trip if point.trip in LATCHED else None
    if since is not None:
        return Charge(now - since, is_under_way=True, trip=latched)
    return Charge(point.charged_s, trip=latched)


def resumed(charge: Charge, now: float) -> Point:
    """The point after a restart: open as ever, and what was latched stays latched."""
    return Point(trip=charge.trip or Trip.START, tripped_at=now, charged_s=charge.lasted_s)


def opened(point: Point, now: float) -> Point:
    """Open by command. What a point is latched for stays: a command to open ends no danger."""
    is_known = point.trip in LATCHED and point.trip is not Trip.FORGOTTEN
    return point if is_known else _tripped(point, Trip.COMMANDED, now)


def why_not_close(point: Point, facts: Facts, limits: Limits, now: float) -> str | None:
    """Why a command to close is refused, or None when it is safe."""
    if facts.power is None or facts.power.value is None:
        return "its power is unknown"
    if facts.probe_c is None or facts.probe_c.value is None:
        return "its temperature is unknown"
    if not facts.sees:
        return "its smoke detector cannot be read"
    if facts.celsius is not None and facts.celsius > limits.max_c - COOLED_BY_C:
        return f"it is still {facts.celsius:.1f} °C warm"
    danger = next(dangers_of(point, facts, limits, now), None)
    return None if danger is None else f"{danger.value} persists"


def closed_by_hand(point: Point, now: float) -> Point:
    """Closed by command; ask `why_not_close` first. Who says so begins a new charge."""
    return _closed(replace(point, charged_s=0.0), now)


def state_of(load: Load, known: bool, point: Point | None, contactor_fails: bool) -> ChargerState:
    """What a rider may expect, in the words of OCPI 2.2.1 (8.4.22)."""
    if contactor_fails or (point is not None and point.trip in DEFECT):
        return "outoforder"
    if point is not None and point.trip is not None:
        return "unknown" if point.trip is Trip.START else "inoperative"
    if not known:
        return "unknown"
    return "charging" if load.charging else "available"


def _remembered(point: Point, facts: Facts, charging: bool, limits: Limits, now: float) -> Point:
    power_w = facts.watts
    is_over = power_w is not None and power_w > limits.max_w
    draws = charging and point.trip is None
    is_loaded = power_w is not None and power_w > CHARGING_ABOVE_W["ebike"]
    charging_since, charged_s = _charge(point, draws, now)
    leaks_since = since_when(point.leaks_since, is_loaded and point.trip is not None, now)
    return replace(
        point,
        over_since=since_when(point.over_since, is_over, now),
        blind_since=since_when(point.blind_since, not facts.sees, now),
        seeing_since=since_when(point.seeing_since, facts.sees, now),
        charging_since=charging_since,
        charged_s=charged_s,
        leaks_since=leaks_since,
        leaks_s=0.0 if leaks_since is None else now - leaks_since,
    )


def _charge(point: Point, draws: bool, now: float) -> tuple[float | None, float]:
    """Since when it charges, and what the charge before counts for."""
    if point.charging_since is not None:
        return (point.charging_since, 0.0) if draws else (None, 0.0)
    is_forgotten = point.probation_until is not None and now >= point.probation_until
    charged_s = 0.0 if is_forgotten else point.charged_s
    return (now - charged_s, 0.0) if draws else (None, charged_s)


def _draws_too_much(point: Point, facts: Facts, limits: Limits, now: float) -> bool:
    is_beyond = facts.power is not None and facts.power.missing is Missing.RANGE
    if is_beyond and point.trip is None:  # more than the transducer can say
        return True
    if facts.watts is not None and facts.watts > 1.5 * limits.max_w:
        return True
    return point.over_since is not None and now - point.over_since >= OVER_FOR_S


def _higher(made: Reading[float] | None, felt: float | None) -> float | None:
    values = [one for one in (made.value if made else None, felt) if one is not None]
    return max(values, default=None)


def _weight(trip: Trip) -> int:
    return _WEIGHT.get(trip, 0)


def _is_over(point: Point, danger: Trip | None, now: float) -> bool:
    if point.trip in LATCHED or danger is not None:
        return False
    if point.trip is Trip.TOO_LONG:
        return now - point.tripped_at >= REST_S
    return point.seeing_since is not None and now - point.seeing_since >= SEEING_FOR_S


def _tripped(point: Point, trip: Trip, now: float) -> Point:
    return replace(
        point,
        trip=trip,
        tripped_at=now,
        charged_s=charge_of(point, now).lasted_s,
        charging_since=None,
        closed_at=None,
        probation_until=None,
    )


def _closed(point: Point, now: float) -> Point:
    return replace(
        point,
        trip=None,
        over_since=None,
        charging_since=None,
        leaks_since=None,
        leaks_s=0.0,
        closed_at=now,
        probation_until=now + PROBATION_S,
    )
