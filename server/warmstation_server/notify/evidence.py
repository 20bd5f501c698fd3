"""The evidence in a message: its first facts, in the words of the alert's page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warmstation_server.alerts.measured import figure_of, name_of

MOST = 4
"""Facts in a message; the alert's page has all of them."""

_INNER = frozenset({"mode", "severity", "replaces", "parts", "pace", "state"})
"""What steers the rules and says nothing to people."""
_SAID = frozenset({"link", "minutes"})
"""What the advice and the times of a message say already."""


def facts(evidence: Mapping[str, float | str], language: str) -> tuple[str, ...]:
    """The first facts, each as `室温 12.3 °C`; a name that nobody has given words to is shown."""
    told = (
        f"{name_of(key, language)} {figure_of(key, value, language)}"
        for key, value in _told(evidence)
    )
    return tuple(one for _, one in zip(range(MOST), told, strict=False))


def _told(evidence: Mapping[str, float | str]) -> Iterator[tuple[str, float | str]]:
    for key, value in evidence.items():
        if key not in _INNER | _SAID and value not in ("", "none") and not key.endswith("nats"):
            yield key, value
