"""What a station's open alerts say against its last report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from warmstation_server.status.heating import SPEAKS_AGAINST

_NONE: frozenset[str] = frozenset()
_CHARGERS = frozenset(
    f"chargers.{name}" for name in ("dead", "inoperative", "overcurrent", "overheat", "welded")
)
ALL_EBIKES = ""
"""In place of a charger: the contactor that all points for e-bikes share."""

Word = tuple[Literal["heating", "charger", "supply"], str]
"""About what, and what is said of the heating, or of which charger or supply."""


@dataclass(frozen=True, slots=True)
class Against:
    """`heating`: names of alerts, `chargers`: who gives no power, or should give none;
    `supplies`: items whose level is not to be believed."""

    heating: frozenset[str] = _NONE
    chargers: frozenset[str] = _NONE
    supplies: frozenset[str] = _NONE

    @classmethod
    def of(cls, words: Iterable[Word]) -> Against:
        """All that the alerts of one station say."""
        said: dict[str, set[str]] = {"heating": set(), "charger": set(), "supply": set()}
        for about, word in words:
            said[about].add(word)
        return cls(*(frozenset(words) for words in said.values()))


NOTHING = Against()


def word(name: str, subject: str, evidence: Mapping[str, float | str]) -> Word | None:
    """What an open alert speaks against; None where reports are as true with it as without.

    A level that rose without a restock on record is a level nevertheless.
    """
    if name in SPEAKS_AGAINST:
        return "heating", name
    if name in _CHARGERS:
        return "charger", subject
    if name == "supplies.sensor" and evidence.get("link") != "restock":
        return "supply", subject
    return None
