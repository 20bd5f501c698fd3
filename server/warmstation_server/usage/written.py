"""Figures as people read them. Pure; for pages and paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from warmstation_server.usage.heat import Cell
from warmstation_server.usage.metric import Figure, Metric, Unit

_CHANGES: Mapping[Unit, tuple[str, int]] = {
    "share": ("change.points", 100),
    "celsius": ("value.celsius", 1),
}


class Speaks(Protocol):
    """Says a sentence of a catalogue."""

    def __call__(self, key: str, **values: object) -> str:
        """The sentence."""
        ...


def written(figure: Figure, t: Speaks) -> str:
    """`40,325`, `94.6%`, or a question mark where it is unknown."""
    return written_value(figure.value, figure.metric, t)


def written_value(value: float | None, metric: Metric, t: Speaks) -> str:
    """A value of a metric."""
    if value is None:
        return "?"
    if metric.unit == "share":
        return f"{value * 100:.1f}%"
    return t(f"value.{metric.unit}", n=f"{value:,.{metric.digits}f}")


def written_change(change: float | None, metric: Metric, t: Speaks) -> str:
    """`▲ 8.2%`, `▼ 1.3 points`, `▲ 0.4 °C`; empty where there is nothing to compare with."""
    if change is None:
        return ""
    sign = "▲" if change > 0 else "▼" if change < 0 else "="
    key, times = _CHANGES.get(metric.unit, ("change.percent", 100))
    return f"{sign} {t(key, n=f'{abs(change) * times:.1f}')}"


def written_peak(peak: Cell | None, t: Speaks) -> str:
    """峰值时段: its weekday, its hour, and how many people were there; empty where unknown."""
    if peak is None:
        return ""
    day = t(f"weekday.{peak.weekday}")
    return t("district.heat.peak", day=day, hour=f"{peak.hour:02}", n=f"{peak.people or 0:.1f}")
