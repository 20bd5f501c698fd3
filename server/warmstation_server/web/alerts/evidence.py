"""What the diagnosis measured, in words and units. Pure; for the story of an alert."""

from __future__ import annotations

from warmstation_server.alerts.measured import figure_of, name_of
from warmstation_server.alerts.state import AlertState
from warmstation_server.web.words import Words

_SHOWN_ELSEWHERE = frozenset({"severity"})


def evidence(state: AlertState, words: Words) -> list[tuple[str, str]]:
    """Each measurement by name, as `12.3 °C`. A name without words is shown as it is."""
    return [
        (name_of(name, words.language), figure_of(name, value, words.language))
        for name, value in state.evidence.items()
        if name not in _SHOWN_ELSEWHERE and value != ""
    ]
