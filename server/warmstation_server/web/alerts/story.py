"""The story of an alert: what happened when, who did what; and which part of the past to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from warmstation_server.alerts.state import NO_STATION, AlertState, Transition
from warmstation_server.web.manage.curves import Reach
from warmstation_server.web.words import Words

BEFORE = timedelta(hours=3)
"""How much of the time before the trouble is drawn with it."""
_STEPS = (
    (timedelta(hours=12), timedelta(minutes=5)),
    (timedelta(days=3), timedelta(minutes=30)),
    (timedelta(days=14), timedelta(hours=2)),
)
_WIDEST = timedelta(hours=12)
_ROLES: Mapping[str, str] = {
    "firing": "bad",
    "severity_up": "bad",
    "escalated": "bad",
    "resolved": "ok",
    "acknowledged": "ok",
    "stale": "warn",
    "late": "warn",
}


class Step(NamedTuple):
    """One line of the timeline. `role`: its colour; `by`: a person, or nobody."""

    at: datetime
    word: str
    role: str
    by: str
    note: str
    is_late: bool


def steps(entries: Iterable[Transition], names: Mapping[str, str], words: Words) -> list[Step]:
    """The timeline, in order. `names`: what people are called, by login."""
    return [
        Step(
            one.at,
            words.name_of("step", one.kind),
            _ROLES.get(one.kind, "na"),
            names.get(one.by or "", one.by or ""),
            _note(one, names, words),
            one.is_late,
        )
        for one in entries
    ]


def span_of(state: AlertState, now: datetime) -> tuple[Reach, datetime, datetime]:
    """What to draw: some time before it began, to its end or to now, in fitting steps."""
    end = min(now, (state.resolved_at or now) + timedelta(hours=1))
    length = end - state.since + BEFORE
    step = next((step for most, step in _STEPS if length <= most), _WIDEST)
    step_s = step.total_seconds()
    first = (state.since - BEFORE).timestamp() // step_s * step_s
    start = datetime.fromtimestamp(first, now.tzinfo)
    return Reach("alert", end - start, step), start, end


def in_words(cause: str, text: str, words: Words) -> str:
    """Why it was resolved, and what was written about it."""
    word = words.name_of("cause", cause)
    return words("cause.said", cause=word, text=text) if text else word


def _note(one: Transition, names: Mapping[str, str], words: Words) -> str:
    if one.kind == "assigned":
        return names.get(one.note, one.note)
    if one.kind == "escalated":
        return words.name_of("tier", one.note)
    if one.kind == "resolved" and one.by:
        cause, _, text = one.note.partition(": ")
        return in_words(cause, text, words)
    if one.kind == "resolved" and one.note == NO_STATION:
        return words.name_of("step", NO_STATION)
    return one.note
