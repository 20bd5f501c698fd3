"""The list of alerts as a page shows it. Pure functions of alerts and the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from warmstation_server.accounts.scope import Tree, at_station
from warmstation_server.alerts.rule import SEVERITIES
from warmstation_server.alerts.state import AlertState, Transition
from warmstation_server.alerts.words import title
from warmstation_server.web.words import Words

SHAPES: Mapping[str, tuple[str, str]] = {
    "critical": ("■", "bad"),
    "urgent": ("■", "bad"),
    "warning": ("▲", "warn"),
    "notice": ("–", "na"),
}
"""A severity's shape and role, as in the design language."""
RECENT = timedelta(hours=24)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Card:
    """One alert in a list."""

    id: str
    station: str
    station_name: str
    title: str
    severity: str
    shape: str
    role: str
    word: str
    since: datetime
    lasting: str
    assignee: str
    advice: str
    is_stale: bool
    is_simulated: bool
    until: datetime | None
    by: str = ""
    reason: str = ""
    hushed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lists:
    """Alerts by what is to be done: nothing taken on yet, taken on, hushed, hidden, just over."""

    waiting: tuple[Card, ...]
    taken: tuple[Card, ...]
    silenced: tuple[Card, ...]
    hidden: tuple[Card, ...]
    over: tuple[Card, ...]


def card(state: AlertState, tree: Tree, now: datetime, words: Words) -> Card:
    """What a list says of an alert."""
    state = seen(state, now)
    station = tree.known(state.station)
    shape, role = SHAPES.get(state.severity, ("–", "na"))
    held = state.acknowledged.until if state.acknowledged else None
    return Card(
        id=state.id,
        station=state.station,
        station_name=words.text(station.name),
        title=alert_title(state, words),
        severity=state.severity,
        shape=shape,
        role=role,
        word=state.word,
        since=state.since,
        lasting=lasting(state.since, state.resolved_at or now, words),
        assignee=state.assignee or (state.acknowledged.by if state.acknowledged else ""),
        advice=words.text(state.advice) if state.advice else "",
        is_stale=state.is_stale,
        is_simulated=station.is_simulated,
        until=state.silenced_until if state.word in ("silenced", "resolved") else held,
    )


def lists(
    states: Iterable[AlertState],
    hushes: Mapping[str, Transition],
    tree: Tree,
    now: datetime,
    words: Words,
) -> Lists:
    """The gravest and then the oldest first; silences the oldest first, with who, why, until."""
    known = [seen(one, now) for one in states if tree.has(at_station(one.station))]
    ordered = sorted(known, key=lambda one: (-SEVERITIES.index(one.severity), one.since, one.id))

    def those(*wanted: str) -> tuple[Card, ...]:
        return tuple(card(one, tree, now, words) for one in ordered if one.word in wanted)

    silenced = [hushed(one, hushes.get(one.id)) for one in those("silenced")]
    over = [one for one in known if one.word == "resolved" and _is_recent(one, now)]
    over.sort(key=lambda one: one.resolved_at or one.since, reverse=True)
    return Lists(
        those("firing", "flapping"),
        those("acknowledged"),
        tuple(sorted(silenced, key=lambda one: (one.hushed_at or one.since, one.id))),
        those("inhibited"),
        tuple(card(one, tree, now, words) for one in over),
    )


def alert_title(state: AlertState, words: Words) -> str:
    """What it is called: an item, a charger and a sensor by its word."""
    return title_of(state.name, state.subject, words)


def title_of(name: str, subject: str, words: Words) -> str:
    """The same for a condition and what it is about."""
    return words.text(title(name, subject))


def seen(state: AlertState, now: datetime) -> AlertState:
    """The alert without a silence that is over: the desk writes its end down some seconds later."""
    until = state.silenced_until
    return state if until is None or now < until else replace(state, silenced_until=None)


def hushed(one: Card, hush: Transition | None) -> Card:
    """With who silenced it, when and why."""
    if hush is None:
        return one
    fields = {name: getattr(one, name) for name in Card.__dataclass_fields__}
    return Card(**(fields | {"by": hush.by or "", "reason": hush.note, "hushed_at": hush.at}))


def lasting(since: datetime, until: datetime, words: Words) -> str:
    """For how long: `lasting 42 min`."""
    seconds = max(0, int((until - since).total_seconds()))
    if seconds < _MINUTE:
        return words("lasting.s")
    if seconds < _HOUR:
        return words("lasting.m", n=seconds // _MINUTE)
    if seconds < _DAY:
        return words("lasting.h", n=seconds // _HOUR, m=seconds % _HOUR // _MINUTE)
    return words("lasting.d", n=seconds // _DAY, h=seconds % _DAY // _HOUR)


def last_hush(entries: Iterable[Transition]) -> Transition | None:
    """The silence that holds."""
    return next((one for one in reversed(tuple(entries)) if one.kind == "silenced"), None)


def _is_recent(state: AlertState, now: datetime) -> bool:
    return state.resolved_at is not None and now - state.resolved_at <= RECENT
