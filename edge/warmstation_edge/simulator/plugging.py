"""What riders bring to a charger, and how a plugged-in battery is written down between runs."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from warmstation_edge.simulator.chargers import Battery, ChargerKind, ChargingPoint

_PHONE_SHARE = 0.5
_EBIKE_SHARE = 0.3
_STAYS_BEHIND_SHARE = 0.35
"""Riders who leave the e-bike on the point and walk off for a while."""
_LONGEST_EBIKE_S = 7 * 3600
_PHONE_W = (9.0, 12.0, 18.0, 22.0)
_EBIKE_W = (160.0, 220.0, 300.0)


def plug_in(
    points: Sequence[ChargingPoint], at_s: float, leaves_s: float, rng: random.Random
) -> None:
    """Somebody who has just sat down plugs in what needs it, where a point is free."""
    if rng.random() < _PHONE_SHARE:
        _plug(points, "phone", _phone(leaves_s, rng), rng)
    if rng.random() < _EBIKE_SHARE:
        stays_s = rng.uniform(1800, _LONGEST_EBIKE_S) if rng.random() < _STAYS_BEHIND_SHARE else 0
        _plug(points, "ebike", _ebike(max(leaves_s, at_s + stays_s), rng), rng)


def plugged_in(points: Iterable[ChargingPoint]) -> dict[str, list[float]]:
    """Batteries on their points, as JSON would have it."""
    return {
        point.id: [
            point.battery.capacity_wh,
            point.battery.stored_wh,
            point.battery.max_w,
            point.battery.until_s,
        ]
        for point in points
        if point.battery is not None
    }


def revived(written: Sequence[float] | None) -> Battery | None:
    """A battery as `plugged_in` wrote it."""
    return None if written is None else Battery(*written)


def _plug(
    points: Sequence[ChargingPoint], kind: ChargerKind, battery: Battery, rng: random.Random
) -> None:
    free = [point for point in points if point.kind == kind and point.is_free]
    if free:
        free[int(rng.random() * len(free))].battery = battery


def _phone(until_s: float, rng: random.Random) -> Battery:
    capacity_wh = rng.uniform(15, 21)
    return Battery(capacity_wh, capacity_wh * rng.uniform(0.1, 0.7), rng.choice(_PHONE_W), until_s)


def _ebike(until_s: float, rng: random.Random) -> Battery:
    """48 or 60 V packs of 20 to 30 Ah on the slow chargers that are allowed in cabinets."""
    capacity_wh = rng.uniform(900, 1600)
    return Battery(capacity_wh, capacity_wh * rng.uniform(0.15, 0.6), rng.choice(_EBIKE_W), until_s)
