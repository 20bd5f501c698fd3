"""What people show of the hours: not opened, still somebody inside, full for long. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warmstation_server.conditions.place import Place
from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.standing import Standing
from warmstation_server.history import HOLD
from warmstation_server.history.said import People, Said

_HOLD_S = HOLD.total_seconds()
_EARLY_S = 900.0
"""Whoever unlocks may come a little early."""
_LEAST_GRACE_S, _MOST_GRACE_S = 45 * 60.0, 3 * 3600.0
_ENOUGH_OPENINGS = 5
_KEEP_DELAY = 0.95
_WATCHED = 0.8
_DAY_S = 86400.0
_LATE_S = 3600.0
_BEFORE_OPENING_S = 2 * 3600.0
_STAYS_S = 20 * 60.0
_GONE_S = 15 * 60.0
_FULL_S = 30 * 60.0
_ROOM_AGAIN_S = 10 * 60.0
_SURE = 0.6


@dataclass(slots=True)
class Opening:
    """Signs of life and fullness. `watched_s`: of this opening, with a sensor that would see.

    `delay_s`: the longest usual time from posted opening to the first sign, over `openings`.
    """

    at_s: float = 0.0
    stream: str = ""
    crossings: int = -1
    door: bool | None = None
    sign_s: float = 0.0
    opened_s: float = 0.0
    watched_s: float = 0.0
    delay_s: float = 0.0
    openings: int = 0
    is_seen: bool = False
    stay_s: float = 0.0
    stayed_s: float = 0.0
    full_s: float | None = None
    room_s: float | None = None

    def after(self, said: Said, at_s: float, place: Place, standing: Standing) -> None:
        """One report, in order."""
        people = said.people
        elapsed_s, self.at_s = at_s - self.at_s, at_s
        sees = said.door_open is not None
        if people is not None:
            sees = sees or people.present is not None or people.entered is not None
        if self._has_sign(said):
            self.sign_s = at_s
        if sees and place.is_known:
            self._judge_opened(at_s, min(elapsed_s, _HOLD_S), place, standing)
            self._judge_closed(people, at_s, place, standing)
        if people is not None:
            self._judge_crowd(people.inside, people.present, at_s, place, standing)

    @property
    def grace_s(self) -> float:
        """How long after the posted hour the first sign may take."""
        if self.openings < _ENOUGH_OPENINGS:
            return _MOST_GRACE_S
        return min(_MOST_GRACE_S, max(_LEAST_GRACE_S, 2.0 * self.delay_s))

    def _has_sign(self, said: Said) -> bool:
        people, is_open = said.people, said.door_open
        is_sign = False
        if is_open is not None:
            is_sign = self.door is not None and is_open != self.door
            self.door = is_open
        if people is not None:
            if people.entered is not None:
                crossings = people.entered + (people.left or 0)
                is_same = said.stream == self.stream
                is_sign = is_sign or (is_same and 0 <= self.crossings < crossings)
                self.stream, self.crossings = said.stream, crossings
            is_sign = is_sign or people.present is True
        return is_sign

    def _judge_opened(
        self, at_s: float, elapsed_s: float, place: Place, standing: Standing
    ) -> None:
        opened_s = place.opened_s
        if opened_s is None or at_s - opened_s > _DAY_S:
            self.opened_s = 0.0
            standing.say("station.not_opened", False, at_s, value=0.0)
            return
        since_s = at_s - opened_s
        if opened_s != self.opened_s:
            # Other hours were posted while it is open: what was watched was watched.
            self.watched_s = min(self.watched_s, since_s) if self.opened_s else 0.0
            self.opened_s, self.is_seen = opened_s, False
        self.watched_s += min(elapsed_s, since_s)
        if self.sign_s >= opened_s - _EARLY_S:
            if not self.is_seen:
                self.is_seen = True
                self._learn(self.sign_s - opened_s, since_s)
            standing.say("station.not_opened", False, at_s, value=0.0)
        elif since_s >= self.grace_s and self.watched_s >= _WATCHED * since_s:
            standing.say(
                "station.not_opened",
                True,
                at_s,
                value=round(since_s / 60.0),
                since_s=opened_s,
                confidence=0.9,
                evidence={
                    "grace_min": round(self.grace_s / 60.0),
                    "watched_min": round(self.watched_s / 60.0),
                },
            )
        elif standing.holds("station.not_opened"):
            standing.say(
                "station.not_opened", False if since_s < self.grace_s else None, at_s, value=0.0
            )

    def _learn(self, delay_s: float, since_s: float) -> None:
        """Only from an opening that was watched from its beginning."""
        if self.watched_s >= _WATCHED * (since_s - _HOLD_S):
            self.openings = min(99, self.openings + 1)
            self.delay_s = max(_KEEP_DELAY * self.delay_s, delay_s)

    def _judge_closed(
        self, people: People | None, at_s: float, place: Place, standing: Standing
    ) -> None:
        closed_s = place.closed_s
        is_inside = _is_inside(people)
        if people is None or (people.present is None and people.inside is None):
            if standing.holds("station.open_late") is not None:
                standing.say("station.open_late", None, at_s)
            return
        if is_inside:
            if at_s - self.stayed_s > _GONE_S:
                self.stay_s = at_s
            self.stayed_s = at_s
        past_s = 0.0 if closed_s is None else at_s - closed_s
        is_night = past_s >= _LATE_S and (place.next_s or at_s + _DAY_S) - at_s > _BEFORE_OPENING_S
        is_gone = at_s - self.stayed_s > _GONE_S
        holds = is_night and not is_gone and self.stayed_s - self.stay_s >= _STAYS_S
        standing.say(
            "station.open_late",
            holds,
            at_s,
            value=round(past_s / 60.0) if holds else 0.0,
            since_s=max(self.stay_s, closed_s or 0.0) if holds else None,
            confidence=0.9 if people.present else 0.6,
            evidence={"inside": people.inside or 0} if holds else None,
        )

    def _judge_crowd(
        self,
        inside: int | None,
        present: bool | None,
        at_s: float,
        place: Place,
        standing: Standing,
    ) -> None:
        seats = place.station.capacity
        if inside is None or seats <= 0:
            self.full_s = self.room_s = None
            if standing.holds("station.crowded") is not None:
                standing.say("station.crowded", None, at_s)
            return
        if inside >= seats and present is not False:
            self.full_s, self.room_s = at_s if self.full_s is None else self.full_s, None
        else:
            self.room_s = at_s if self.room_s is None else self.room_s
            if at_s - self.room_s >= _ROOM_AGAIN_S:
                self.full_s = None
        holds = self.full_s is not None and at_s - self.full_s >= _FULL_S
        standing.say(
            "station.crowded",
            holds,
            at_s,
            value=round(inside / seats, 2) if holds else 0.0,
            step=0.25,
            since_s=self.full_s if holds else None,
            confidence=0.9,
            evidence={"inside": inside, "seats": seats} if holds else None,
        )

    def saved(self) -> list[Any]:
        """As JSON values."""
        return list(_row(self))


def _is_inside(people: People | None) -> bool:
    if people is None:
        return False
    if people.present is not None:
        return people.present
    return bool(people.inside) and (people.confidence or 0.0) >= _SURE


_row = reader(Opening)
