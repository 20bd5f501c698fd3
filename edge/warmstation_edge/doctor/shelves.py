"""Steps of the shelves: scales with a kilogram on them, gauges, floats. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from warmstation_edge.doctor.causes import SILENT, or_fault
from warmstation_edge.doctor.step import PASSED, Change, Finding, Seen, Step, Words
from warmstation_edge.doctor.values import latest, level, raw, shown
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile, SupplyWiring

WEIGHT_KG = 1.0
_EXACT = 0.02
"""A scale within two per cent is left as it is."""
_LEAST_COUNTS = 5_000
"""A kilogram moves every usual cell by ten times as much; less is noise, or a cell that hangs."""
_STEADY = 0.01
_STEADY_S = 21.0
"""In which a scale has been read twice at least."""
_MOVES = 0.05
_UNMOVED = Words(
    "数值没有变化：接线、通道或传感器", "the value never changed: wire, channel or sensor"
)
_EMPTY = Words(
    "请把第 {number} 层（{item}）清空，连盒子也拿走", "Take everything off shelf {number} ({item})"
)
_KILOGRAM = Words("请在第 {number} 层（{item}）放上 1 kg", "Put 1 kg on shelf {number} ({item})")
_ZEROED = Words("秤的零点已写入配置", "the scale's zero is written to the profile")
_SCALED = Words("秤的系数已写入配置", "the scale's factor is written to the profile")


def steps(profile: Profile) -> Iterator[Step]:
    """What this station's shelves have to show."""
    for number, supply in enumerate(profile.supplies, 1):
        item, cause = supply.item, partial(_why, supply.item)
        if supply.scale_channel is not None:
            cause = partial(_why_unweighed, supply)
            live, asked = partial(_weight, supply), _EMPTY.filled(number=number, item=item)
            yield Step(f"{item}.zero", partial(_rests, supply), cause, live, asked, 90.0)
            judge = partial(_weighs, supply)
            yield Step(item, judge, cause, live, _KILOGRAM.filled(number=number, item=item), 120.0)
        else:
            asked = _asked(supply)
            yield Step(item, partial(_moves, item), cause, partial(_live, item), asked)


def _asked(supply: SupplyWiring) -> Words:
    item = supply.item
    if supply.low_pin is not None:
        return Words(
            f"请按住 {item} 的浮子，直到读数变化",
            f"Push the float of {item} down and hold it until the value changes",
        )
    return Words(f"请改变 {item} 的液位", f"Change the level of {item}")


def _rests(supply: SupplyWiring, seen: Seen) -> Finding | None:
    """Nothing on it, standing still: what it converts now is its zero."""
    resting = _steady(seen, supply)
    if resting is None:
        return None
    if abs(resting - supply.zero_counts) <= _EXACT * WEIGHT_KG * abs(supply.counts_per_kg):
        return PASSED
    change = Change(f"supplies:{supply.item}", "zero_counts", round(resting, 1))
    return Finding(passed=True, cause=_ZEROED, changes=(change,))


def _weighs(supply: SupplyWiring, seen: Seen) -> Finding | None:
    """One kilogram more than when it was asked for, standing still: that is the factor."""
    before, now = _counts(seen[0], supply), _steady(seen, supply)
    if before is None or now is None or abs(now - before) < _LEAST_COUNTS:
        return None
    factor = (now - before) / WEIGHT_KG
    if abs(factor - supply.counts_per_kg) <= _EXACT * abs(supply.counts_per_kg):
        return PASSED
    change = Change(f"supplies:{supply.item}", "counts_per_kg", round(factor, 1))
    return Finding(passed=True, cause=_SCALED, changes=(change,))


def _steady(seen: Seen, supply: SupplyWiring) -> float | None:
    """What it converted last, where that has not moved for a while."""
    lately = [_counts(one, supply) for one in latest(seen, _STEADY_S)]
    known = [value for value in lately if value is not None]
    if not known or len(known) < len(lately):
        return None
    spread = max(known) - min(known)
    return (
        known[-1] if spread <= max(_STEADY * abs(supply.counts_per_kg), _LEAST_COUNTS / 5) else None
    )


def _counts(measured: Measurement, supply: SupplyWiring) -> float | None:
    return raw(measured, supply.item)


def _weight(supply: SupplyWiring, measured: Measurement) -> str:
    counts = _counts(measured, supply)
    if counts is None:
        return "?"
    return f"{(counts - supply.zero_counts) / supply.counts_per_kg:.2f} kg"


def _moves(item: str, seen: Seen) -> Finding | None:
    levels = _levels(seen, item)
    return PASSED if levels and max(levels) - min(levels) >= _MOVES else None


def _levels(seen: Seen, item: str) -> list[float]:
    return [value for one in seen if (value := level(one, item)) is not None]


def _why(item: str, seen: Seen) -> Words:
    return or_fault(seen[-1], item, SILENT if level(seen[-1], item) is None else _UNMOVED)


def _why_unweighed(supply: SupplyWiring, seen: Seen) -> Words:
    return _UNMOVED if _counts(seen[-1], supply) is not None else _why(supply.item, seen)


def _live(item: str, measured: Measurement) -> str:
    found = level(measured, item)
    return shown(None if found is None else found * 100, "%")
