"""What was measured, in words and units: one home for alerts' pages and for messages. Pure.

The words are in the catalogue of the alerts (`evidence_of`, `evidence_is`, `evidence_unit`).
"""

from __future__ import annotations

from collections.abc import Mapping

from warmstation_dashboards.resources import LANGUAGES, catalogue
from warmstation_server.alerts.words import title

_SHARES = frozenset({"level", "from"})
_UNITS = {
    "c": "c",
    "k": "k",
    "w": "w",
    "s": "s",
    "min": "min",
    "minutes": "min",
    "h": "h",
    "nats": "nats",
}
"""By the last part of a name."""
_TENTHS = frozenset({"c", "k"})
"""No thermometer here knows more."""


def name_of(name: str, language: str) -> str:
    """What a measurement is called; one without words is shown as it is."""
    return _word("evidence_of", name, language)


def figure_of(name: str, value: float | str, language: str) -> str:
    """What was measured, as `12.3 °C`."""
    if name == "replaces":
        return title(f"heating.{value}").in_language(language)
    if isinstance(value, str):
        return _word("evidence_is", value.replace(" ", "_"), language)
    if name in _SHARES:
        return f"{value:.0%}"
    unit = _UNITS.get(name.rpartition("_")[2])
    value = round(value, 1) if unit in _TENTHS else value
    figure = f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    if unit is None:
        return figure
    return _words(language)[f"evidence_unit.{unit}"].format(n=figure)


def _word(group: str, thing: str, language: str) -> str:
    return _words(language).get(f"{group}.{thing}", thing.replace("_", " "))


def _words(language: str) -> Mapping[str, str]:
    """As texts of both languages do: English for `en...`, else Chinese."""
    return catalogue("en" if language.startswith("en") else LANGUAGES[0])
