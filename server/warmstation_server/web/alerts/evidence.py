"""What the diagnosis measured, in words and units. Pure; for the story of an alert."""

from __future__ import annotations

from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.words import title
from warmstation_server.web.words import Words

_SHARES = frozenset({"level", "from"})
_SHOWN_ELSEWHERE = frozenset({"severity"})
_UNITS = {
    "c": "evidence_unit.c",
    "k": "evidence_unit.k",
    "w": "evidence_unit.w",
    "s": "evidence_unit.s",
    "min": "evidence_unit.min",
    "minutes": "evidence_unit.min",
    "h": "evidence_unit.h",
    "nats": "evidence_unit.nats",
}
"""By the last part of a name."""


def evidence(state: AlertState, words: Words) -> list[tuple[str, str]]:
    """Each measurement by name, as `12.3 °C`. A name without words is shown as it is."""
    return [
        (words.name_of("evidence_of", name), _measured(name, value, words))
        for name, value in state.evidence.items()
        if name not in _SHOWN_ELSEWHERE and value != ""
    ]


def _measured(name: str, value: float | str, words: Words) -> str:
    if name == "replaces":
        return words.text(title(f"heating.{value}"))
    if isinstance(value, str):
        return words.name_of("evidence_is", value.replace(" ", "_"))
    if name in _SHARES:
        return f"{value:.0%}"
    unit = _UNITS.get(name.rpartition("_")[2])
    figure = f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return words(unit, n=figure) if unit else figure
