"""Registered stations that this watch has not heard yet: new ones, or silent since it began. Pure.

What a watch learns comes from live reports, so a station that is already silent when a server
starts for the first time would be nobody's. It costs a name and a number until it is heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.link import OFFLINE_S
from warmstation_server.conditions.words import advice_for

NEVER_HEARD = "station.never_heard"


class Unheard:
    """Who has not been heard yet, and when the history heard of them last (0: never)."""

    __slots__ = ("_heard_s", "_left_s", "_told")

    def __init__(self) -> None:
        self._heard_s: dict[str, float] = {}
        self._left_s: dict[str, float] = {}
        self._told: set[str] = set()

    def registered(self, stations: Iterable[str], watched: Iterable[str]) -> None:
        """These are registered, and those of them are watched already."""
        known = set(watched)
        names, before = dict.fromkeys(stations), self._heard_s
        for one in before.keys() - names.keys():
            self.left(one, before[one])
        back = {one: self._left_s.pop(one) for one in self._left_s.keys() & names.keys()}
        before = before | back
        self._heard_s = {one: before.get(one, 0.0) for one in names if one not in known}
        self._told &= self._heard_s.keys()

    def heard_before(self, station: str, received_s: float) -> None:
        """The history has a report of it from then."""
        if station in self._heard_s:
            self._heard_s[station] = max(received_s, self._heard_s[station])

    def left(self, station: str, heard_s: float) -> None:
        """It is not registered (any more), and was heard then; it may be brought back."""
        if heard_s:
            self._left_s[station] = max(heard_s, self._left_s.get(station, 0.0))

    def waits(self, station: str, heard_s: float) -> None:
        """It was heard then, and not since."""
        self._heard_s[station] = heard_s

    def heard(self, station: str) -> bool:
        """It is heard now; whether it was still waited for."""
        self._told.discard(station)
        return self._heard_s.pop(station, None) is not None

    def silent(self, now_s: float, listening_s: float) -> Iterator[tuple[str, float]]:
        """Stations that have been silent for too long, each once, and when they were heard last."""
        if now_s < listening_s + OFFLINE_S or len(self._told) == len(self._heard_s):
            return
        for station, heard_s in list(self._heard_s.items()):
            if station not in self._told:
                self._told.add(station)
                yield station, heard_s


def never_heard(station: str, at_s: float, *, holds: bool) -> Condition:
    """Not one report of it has ever come, or the first one has."""
    at = datetime.fromtimestamp(at_s, UTC)
    return Condition(
        station,
        NEVER_HEARD,
        holds,
        at,
        since=at,
        advice=advice_for(NEVER_HEARD) if holds else None,
    )
