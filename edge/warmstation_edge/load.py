"""Watts to whether something is charging, and to energy. Pure; times are monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_wire.report import ChargerKind

CHARGING_ABOVE_W = {"phone": 1.5, "ebike": 20.0}
IDLE_BELOW_W = {"phone": 0.8, "ebike": 8.0}
"""Between the two a charger stays what it was: a full phone trickles around one watt."""
FULL_AFTER_S = {"phone": 0.0, "ebike": 5 * 60.0}
"""So long the power has to stay low before a charge has ended: a pack that balances its cells
draws in bursts for 30-45 minutes after it shows 100 %."""
SETTLES_S = 10 * 60.0
"""A charge never ends so soon after the contactor closed: a pack's electronics ask for little
until they have woken up."""
LONGEST_STEP_S = 120.0
"""A longer gap between two samples adds no energy: nobody knows what happened in it."""


@dataclass(frozen=True, slots=True)
class Load:
    """Whether something is charging, and the energy so far; `low_since`: it draws hardly any."""

    charging: bool = False
    energy_wh: float = 0.0
    power_w: float | None = None
    at: float | None = None
    low_since: float | None = None


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
        low_since = since_when(low_since, power_w <= IDLE_BELOW_W[kind], now)
        if charging:
            charging = not _has_ended(kind, low_since, switched_on_at, now)
        else:
            charging = power_w > CHARGING_ABOVE_W[kind]
    return Load(charging, energy_wh, power_w, now, low_since)


def since_when(since: float | None, holds: bool, now: float) -> float | None:
    """Since when something holds without a break; None where it does not."""
    if not holds:
        return None
    return now if since is None else since


def _has_ended(
    kind: ChargerKind, low_since: float | None, switched_on_at: float | None, now: float
) -> bool:
    if low_since is None or now - low_since < FULL_AFTER_S[kind]:
        return False
    return switched_on_at is None or now - switched_on_at >= SETTLES_S
