"""Steps of the shelves: scales with a kilogram on them, gauges, floats. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from warmstation_edge.doctor.causes import SILENT, or_fault
from warmstation_edge.doctor.step import PASSED, Change, Finding, Seen, Step, Words
from warmstation_edge.doctor.values import latest, level, shown
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile, SupplyWiring

WEIGHT_KG = 1.0
_EXACT = 0.02
"""A scale within two per cent is left as it is."""
_SETTLED = 0.002
_STEADY_S = 6.0
_MOVES = 0.05
_UNMOVED = Words(
    "数值没有变化：接线、通道或传感器", "the value never changed: wire, channel or sensor"
)
_SCALED = Words("秤的系数已写入配置", "the scale's factor is written to the profile")


def steps(profile: Profile) -> Iterator[Step]:
    """What this station's shelves have to show."""
    for number, supply in enumerate(profile.supplies, 1):
        judge = partial(_weighs, supply) if supply.scale_channel is not None else _moves_of(supply)
        cause = partial(_why, supply.item)
        yield Step(supply.item, judge, cause, partial(_live, supply.item), _asked(number, supply))


def _asked(number: int, supply: SupplyWiring) -> Words:
    item = supply.item
    if supply.scale_channel is not None:
        return Words(
            f"请在第 {number} 层（{item}）放上 1 kg", f"Put 1 kg on shelf {number} ({item})"
        )
    if supply.low_pin is not None:
        return Words(
            f"请按住 {item} 的浮子，直到读数变化",
            f"Push the float of {item} down and hold it until the value changes",
        )
    return Words(f"请改变 {item} 的液位", f"Change the level of {item}")


def _weighs(supply: SupplyWiring, seen: Seen) -> Finding | None:
    """One kilogram more, standing still; what it weighs is the factor."""
    lately = _levels(latest(seen, _STEADY_S), supply.item)
    if not lately or max(lately) - min(lately) > _SETTLED:
        return None
    shown_kg = (lately[-1] - _levels(seen, supply.item)[0]) * (supply.full_kg - supply.empty_kg)
    if not WEIGHT_KG / 5 <= abs(shown_kg) <= WEIGHT_KG * 5:
        return None
    if abs(shown_kg - WEIGHT_KG) <= _EXACT * WEIGHT_KG:
        return PASSED
    factor = round(supply.counts_per_kg * shown_kg / WEIGHT_KG, 1)
    change = Change(f"supplies:{supply.item}", "counts_per_kg", factor)
    return Finding(passed=True, cause=_SCALED, changes=(change,))


def _moves_of(supply: SupplyWiring) -> partial[Finding | None]:
    return partial(_moves, supply.item)


def _moves(item: str, seen: Seen) -> Finding | None:
    levels = _levels(seen, item)
    return PASSED if levels and max(levels) - min(levels) >= _MOVES else None


def _levels(seen: Seen, item: str) -> list[float]:
    return [value for one in seen if (value := level(one, item)) is not None]


def _why(item: str, seen: Seen) -> Words:
    return or_fault(seen[-1], item, SILENT if level(seen[-1], item) is None else _UNMOVED)


def _live(item: str, measured: Measurement) -> str:
    found = level(measured, item)
    return shown(None if found is None else found * 100, "%")
