"""What has been told of one station's conditions, so that only news is told again.

The parts of a station `say` what they judge after each report; most of it is no news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from warmstation_server.alerts.condition import NO_EVIDENCE, Condition
from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.words import NO_ADVICE, advice_for
from warmstation_server.places import Text

REPEAT_S = 300.0
"""What holds is confirmed this often, in event time: rules with a duration need to hear of it."""

Key = tuple[str, str]
Evidence = Mapping[str, float | str]


@dataclass(slots=True)
class Told:
    """The last word about one condition. Times in POSIX seconds."""

    holds: bool | None
    at_s: float
    since_s: float
    value: float | None = None
    is_late: bool = False


QUIET = Told(False, 0.0, 0.0, 0.0)
"""Most of what is told is that all is well: these share one record."""


class Standing:
    """The last words of one station, and the news since they were taken."""

    __slots__ = ("_news", "_told", "is_late", "station")

    def __init__(self, station: str) -> None:
        self.station = station
        self.is_late = False
        """Whether what is judged now comes from reports that were old when they came."""
        self._told: dict[Key, Told] = {}
        self._news: list[Condition] = []

    def holds(self, name: str, subject: str = "") -> bool | None:
        """The last word; None where there was none."""
        told = self._told.get((name, subject))
        return None if told is None else told.holds

    def say(
        self,
        name: str,
        holds: bool | None,
        at_s: float,
        *,
        subject: str = "",
        value: float | None = None,
        step: float = 0.0,
        since_s: float | None = None,
        confidence: float = 1.0,
        evidence: Evidence | None = None,
        advice: Text | None = None,
    ) -> bool:
        """Tell it if it is news; whether it was. A value is news when it moved by `step`."""
        key = (name, subject)
        told = self._told.get(key)
        if told is QUIET and holds is False and not value:
            return False  # nearly always
        if not self._is_news(told, holds, at_s, value, step):
            return False
        since_s = _since(told, holds, at_s, since_s)
        is_quiet = holds is False and not value and not self.is_late
        self._told[_shared(key)] = (
            QUIET if is_quiet else Told(holds, at_s, since_s, value, self.is_late)
        )
        at = _moment(at_s)
        self._news.append(
            Condition(
                station=self.station,
                name=name,
                holds=holds,
                at=at,
                subject=subject,
                value=None if value is None else float(value),
                confidence=confidence,
                since=at if since_s == at_s else _moment(since_s),
                is_late=self.is_late,
                evidence=_figures(evidence) if evidence else NO_EVIDENCE,
                advice=(advice or advice_for(name)) if holds else NO_ADVICE,
            )
        )
        return True

    def say_past(
        self, name: str, at_s: float, subject: str = "", evidence: Evidence | None = None
    ) -> None:
        """Tell what a backfilled report shows to have held then; the last word stays."""
        self._news.append(
            Condition(
                station=self.station,
                name=name,
                holds=True,
                at=_moment(at_s),
                subject=subject,
                since=_moment(at_s),
                is_late=True,
                evidence=_figures(evidence),
                advice=advice_for(name),
            )
        )

    def blank(self, at_s: float, but: frozenset[str]) -> None:
        """Data stopped: nobody can tell any more, except of what is named."""
        for (name, subject), told in sorted(self._told.items(), key=itemgetter(0)):
            if told.holds is not None and name not in but:
                self.say(name, None, at_s, subject=subject, value=told.value)

    def adopt(self, other: Standing, at_s: float, prefix: str, but: frozenset[str]) -> None:
        """Believe what another one found until `at_s` of the conditions whose names begin so.

        What holds is told, with its evidence, when it is said next; what was told and does not
        hold is taken back at once.
        """
        mine, known = self._told, other._told
        for key in sorted({*mine, *known}):
            name, subject = key
            if not name.startswith(prefix) or name in but:
                continue
            told, found = mine.get(key), known.get(key)
            holds = False if found is None else found.holds
            if told is not None and told.holds and not holds:
                self.say(name, holds, at_s, subject=subject)
            elif found is not None and (told is None or told.holds is not holds):
                mine[key] = replace(found, at_s=0.0, is_late=False) if holds else found

    def take(self) -> list[Condition]:
        """The news since the last call, in the order in which it was said."""
        news, self._news = self._news, []
        return news

    @property
    def has_news(self) -> bool:
        """Whether there is any that was not taken."""
        return bool(self._news)

    def saved(self) -> list[Any]:
        """The last words as JSON values, the quiet ones by name; call `take` first."""
        quiet: dict[str, list[str]] = {}
        rows = []
        for (name, subject), told in self._told.items():
            if told is QUIET:
                quiet.setdefault(name, []).append(subject)
            else:
                rows.append([name, subject, *_word(told)])
        return [quiet, rows, self.is_late]

    def resume(self, saved: list[Any]) -> None:
        """Go on from what `saved` gave."""
        quiet, rows, self.is_late = saved
        for name, subjects in quiet.items():
            self._told.update({_shared((name, subject)): QUIET for subject in subjects})
        for name, subject, *told in rows:
            self._told[_shared((name, subject))] = Told(*told)

    def _is_news(
        self, told: Told | None, holds: bool | None, at_s: float, value: float | None, step: float
    ) -> bool:
        if told is None:
            return holds is not None
        if told.holds is not holds or (told.is_late and not self.is_late):
            return True
        if holds and at_s - told.at_s >= REPEAT_S:
            return True
        if step <= 0.0 or value is None:
            return False
        return told.value is None or abs(value - told.value) >= step


@lru_cache(maxsize=16_384)
def _shared(key: Key) -> Key:
    """The same few names and subjects at every station: one of each in memory."""
    return key


@lru_cache(maxsize=256)
def _moment(at_s: float) -> datetime:
    """A report says twenty things of its one moment, and thousands of reports have the same."""
    return datetime.fromtimestamp(at_s, UTC)


def _figures(evidence: Evidence | None) -> Evidence:
    """Figures as the floats that a Condition promises: a count stays no int."""
    return {
        name: one if isinstance(one, str) else float(one) for name, one in (evidence or {}).items()
    }


def _since(told: Told | None, holds: bool | None, at_s: float, since_s: float | None) -> float:
    if since_s is None and holds and told is not None and told.holds:
        since_s = told.since_s
    return at_s if since_s is None else min(at_s, since_s)


_word = reader(Told)
