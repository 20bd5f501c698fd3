"""Charger states, and when an e-bike point's contactor has to be open.

Pure: no clock, no pins. `charge_points` feeds it; times are monotonic seconds.

The agent only adds to the breakers and smoke panels of the building; it never replaces them.
"""

from __future__ import annotations

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


LATCHED = frozenset({Trip.OVERCURRENT, Trip.OVERHEAT, Trip.SMOKE, Trip.COMMANDED})
"""Only a person closes these again, by command, and only when the cause is gone."""
DEFECT = frozenset({Trip.OVERCURRENT, Trip.OVERHEAT})
TOLD = DEFECT | {Trip.TOO_LONG, Trip.BLIND}
"""What a report names as this point's fault; smoke and commands are told elsewhere."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an e-bike point may draw, how warm its probe may get, how long a charge may last."""

    max_w: float
    max_c: float
    max_s: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a point now. None: no such reading yet, or no smoke detector at all."""

    power: Reading[float] | None
    probe_c: Reading[float] | None
    smoke: Reading[bool] | None = None

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


def is_welded(point: Point) -> bool:
    """Whether samples, and not the clock since one of them, say that current flowed for a while
    though the contactor should have been open: a busy machine may be late with the next one."""
    return point.leaks_s >= LEAKS_FOR_S


def after_facts(point: Point, facts: Facts, charging: bool, limits: Limits, now: float) -> Point:
    """The point once these facts are known; `trip` says whether and why it is open."""
    point = _remembered(point, facts, charging, limits, now)
    danger = danger_of(point, facts, limits, now)
    if point.trip is None:
        return point if danger is None else _tripped(point, danger, now)
    if danger in LATCHED and point.trip not in LATCHED:
        return _tripped(point, danger, now)
    return _closed(point, now) if _is_over(point, danger, now) else point


def danger_of(point: Point, facts: Facts, limits: Limits, now: float) -> Trip | None:
    """The worst reason to be open now, whatever the contactor does."""
    if facts.smoke is not None and facts.smoke.value:
        return Trip.SMOKE
    if facts.probe_c and facts.probe_c.value is not None and facts.probe_c.value >= limits.max_c:
        return Trip.OVERHEAT
    if _draws_too_much(point, facts.power, limits, now):
        return Trip.OVERCURRENT
    if point.blind_since is not None and now - point.blind_since >= BLIND_AFTER_S:
        return Trip.BLIND
    if point.charging_since is None:
        return None
    return Trip.TOO_LONG if now - point.charging_since >= limits.max_s else None


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
    """Open by command."""
    return _tripped(point, Trip.COMMANDED, now)


def why_not_close(point: Point, facts: Facts, limits: Limits, now: float) -> str | None:
    """Why a command to close is refused, or None when it is safe."""
    if facts.power is None or facts.power.value is None:
        return "its power is unknown"
    if facts.probe_c is None or facts.probe_c.value is None:
        return "its temperature is unknown"
    if not facts.sees:
        return "its smoke detector cannot be read"
    if facts.probe_c.value > limits.max_c - COOLED_BY_C:
        return f"it is still {facts.probe_c.value:.1f} °C warm"
    danger = danger_of(point, facts, limits, now)
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
    power_w = facts.power.value if facts.power else None
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


def _draws_too_much(point: Point, power: Reading[float] | None, limits: Limits, now: float) -> bool:
    if power is None:
        return False
    if power.value is None:
        return power.missing is Missing.RANGE and point.trip is None  # beyond the transducer
    if power.value > 1.5 * limits.max_w:
        return True
    return point.over_since is not None and now - point.over_since >= OVER_FOR_S


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
