"""What has been told of one station's conditions, so that only news is told again.

The parts of a station `say` what they judge after each report; most of it is no news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from warmstation_server.alerts.condition import Condition
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
        if not self._is_news(told, holds, at_s, value, step):
            return False
        if told is not None and told.holds is holds and since_s is None:
            since_s = told.since_s
        since_s = min(at_s, at_s if since_s is None else since_s)
        self._told[key] = Told(holds, at_s, since_s, value, self.is_late)
        self._news.append(
            Condition(
                station=self.station,
                name=name,
                holds=holds,
                at=_moment(at_s),
                subject=subject,
                value=value,
                confidence=confidence,
                since=_moment(since_s),
                is_late=self.is_late,
                evidence=evidence or {},
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
                evidence=evidence or {},
                advice=advice_for(name),
            )
        )

    def blank(self, at_s: float, but: frozenset[str]) -> None:
        """Data stopped: nobody can tell any more, except of what is named."""
        for (name, subject), told in list(self._told.items()):
            if told.holds is not None and name not in but:
                self.say(name, None, at_s, subject=subject, value=told.value)

    def drop(self, name: str, subject: str) -> None:
        """Forget a condition whose subject is gone for good."""
        self._told.pop((name, subject), None)

    def named(self, prefix: str) -> list[str]:
        """Names with this beginning that hold."""
        return [
            name
            for (name, _), told in self._told.items()
            if told.holds and name[: len(prefix)] == prefix
        ]

    def take(self) -> list[Condition]:
        """The news since the last call, in the order in which it was said."""
        news, self._news = self._news, []
        return news

    @property
    def has_news(self) -> bool:
        """Whether `take` would give anything."""
        return bool(self._news)

    def saved(self) -> list[list[object]]:
        """The last words as JSON values; call `take` first."""
        return [
            [*key, told.holds, told.at_s, told.since_s, told.value, told.is_late]
            for key, told in self._told.items()
        ]

    def resume(self, rows: list[list[object]]) -> None:
        """Go on from what `saved` gave."""
        for name, subject, *told in rows:
            self._told[str(name), str(subject)] = Told(*told)  # type: ignore[arg-type]

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


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
