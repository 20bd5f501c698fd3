"""Watts to charger states, energy, and when an e-bike point's contactor has to be open.

Pure: no clock, no pins. `charge_points` feeds it; times are monotonic seconds.

The agent only adds to the breakers and smoke panels of the building; it never replaces them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from warmstation_edge.reading import Missing, Reading
from warmstation_wire.report import ChargerKind, ChargerState

CHARGING_ABOVE_W = {"phone": 1.5, "ebike": 20.0}
IDLE_BELOW_W = {"phone": 0.8, "ebike": 8.0}
"""Between the two a charger stays what it was: a full phone trickles around one watt."""
FULL_AFTER_S = {"phone": 0.0, "ebike": 5 * 60.0}
"""So long the power has to stay low before a charge has ended: a pack that balances its cells
draws in bursts for 30-45 minutes after it shows 100 %."""
SETTLES_S = 10 * 60.0
"""A charge never ends so soon after the contactor closed: a pack's electronics ask for little
until they have woken up."""
LEAKS_FOR_S = 10.0
"""So long a load has to draw through an open contactor before it counts as welded."""
LONGEST_STEP_S = 120.0
"""A longer gap between two samples adds no energy: nobody knows what happened in it."""
OVER_FOR_S = 4.0
"""An inrush is shorter; above 1.5 times the limit nothing is waited for."""
BLIND_AFTER_S = 60.0
SEEING_FOR_S = 8.0
"""So long power and temperature must have been known before the contactor closes by itself."""
REST_S = 30 * 60.0
PROBATION_S = 120.0
"""Who draws power so soon after a rest is the bike that was there before it."""
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
    """What is known of a point now. None: no such reading yet (probe) or ever (smoke)."""

    power: Reading[float] | None
    probe_c: Reading[float] | None
    smoke: bool | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Whether something is charging, and the energy so far; `low_since`: it draws hardly any."""

    charging: bool = False
    energy_wh: float = 0.0
    power_w: float | None = None
    at: float | None = None
    low_since: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """An e-bike point: its contactor is open exactly when there is a trip."""

    trip: Trip | None = Trip.START
    tripped_at: float = 0.0
    charging_since: float | None = None
    over_since: float | None = None
    blind_since: float | None = None
    seeing_since: float | None = None
    leaks_since: float | None = None
    leaks_s: float = 0.0
    closed_at: float | None = None
    probation_until: float | None = None


def after_power(
    load: Load,
    kind: ChargerKind,
    power_w: float | None,
    now: float,
    switched_on_at: float | None = None,
) -> Load:
    """The load once power was sampled; an unknown power adds no energy and ends no charge.

    `switched_on_at`: when the contactor closed, if it is closed.
    """
    energy_wh = load.energy_wh
    if load.at is not None and load.power_w is not None and now - load.at <= LONGEST_STEP_S:
        energy_wh += load.power_w * (now - load.at) / 3600
    charging, low_since = load.charging, load.low_since
    if power_w is not None:
        low_since = _since(low_since, power_w <= IDLE_BELOW_W[kind], now)
        if charging:
            charging = not _has_ended(kind, low_since, switched_on_at, now)
        else:
            charging = power_w > CHARGING_ABOVE_W[kind]
    return Load(charging, energy_wh, power_w, now, low_since)


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
    if facts.smoke:
        return Trip.SMOKE
    if facts.probe_c and facts.probe_c.value is not None and facts.probe_c.value >= limits.max_c:
        return Trip.OVERHEAT
    if _draws_too_much(point, facts.power, limits, now):
        return Trip.OVERCURRENT
    if point.blind_since is not None and now - point.blind_since >= BLIND_AFTER_S:
        return Trip.BLIND
    if point.charging_since is None:
        return None
    if point.probation_until is not None and now < point.probation_until:
        return Trip.TOO_LONG
    return Trip.TOO_LONG if now - point.charging_since >= limits.max_s else None


def opened(point: Point, now: float) -> Point:
    """Open by command."""
    return _tripped(point, Trip.COMMANDED, now)


def why_not_close(point: Point, facts: Facts, limits: Limits, now: float) -> str | None:
    """Why a command to close is refused, or None when it is safe."""
    if facts.power is None or facts.power.value is None:
        return "its power is unknown"
    if facts.probe_c is None or facts.probe_c.value is None:
        return "its temperature is unknown"
    if facts.probe_c.value > limits.max_c - COOLED_BY_C:
        return f"it is still {facts.probe_c.value:.1f} °C warm"
    danger = danger_of(point, facts, limits, now)
    return None if danger is None else f"{danger.value} persists"


def closed_by_hand(point: Point, now: float) -> Point:
    """Closed by command; ask `why_not_close` first."""
    return _closed(point, now)


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
    sees = power_w is not None and facts.probe_c is not None and facts.probe_c.value is not None
    draws = charging and point.trip is None
    is_loaded = power_w is not None and power_w > CHARGING_ABOVE_W["ebike"]
    leaks_since = _since(point.leaks_since, is_loaded and point.trip is not None, now)
    return replace(
        point,
        over_since=_since(point.over_since, is_over, now),
        blind_since=_since(point.blind_since, not sees, now),
        seeing_since=_since(point.seeing_since, sees, now),
        charging_since=_since(point.charging_since, draws, now),
        leaks_since=leaks_since,
        leaks_s=0.0 if leaks_since is None else now - leaks_since,
    )


def _has_ended(
    kind: ChargerKind, low_since: float | None, switched_on_at: float | None, now: float
) -> bool:
    if low_since is None or now - low_since < FULL_AFTER_S[kind]:
        return False
    return switched_on_at is None or now - switched_on_at >= SETTLES_S


def _since(since: float | None, holds: bool, now: float) -> float | None:
    if not holds:
        return None
    return now if since is None else since


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
        point, trip=trip, tripped_at=now, charging_since=None, closed_at=None, probation_until=None
    )


def _closed(point: Point, now: float) -> Point:
    rested = point.trip is Trip.TOO_LONG
    return replace(
        point,
        trip=None,
        over_since=None,
        charging_since=None,
        leaks_since=None,
        leaks_s=0.0,
        closed_at=now,
        probation_until=now + PROBATION_S if rested else None,
    )
