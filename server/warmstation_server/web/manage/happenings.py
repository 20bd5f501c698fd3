"""What happened at a station, whoever wrote it down: one line each, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.alerts.state import Transition
from warmstation_server.registry import RiderReport
from warmstation_server.supplies.entry import Entry as SupplyEntry
from warmstation_server.web.alerts.facts import title_of
from warmstation_server.web.alerts.story import steps
from warmstation_server.web.staff.reading import Change
from warmstation_server.web.words import Words

_UNTOLD = frozenset({"reminded", "fresh", "steady"})
"""Steps of an alert that say nothing of the station."""
_STAFF = ("station.", "work.", "device.", "visits.")


@dataclass(frozen=True, slots=True)
class Happening:
    """`kind`: of stretch.KINDS; `link`: a path, "" where there is nothing more to see."""

    at: datetime
    kind: str
    role: str
    title: str
    by: str = ""
    note: str = ""
    link: str = ""
    language: str = ""
    changes: tuple[Change, ...] = ()


def of_alerts(
    entries: Iterable[Transition], names: Mapping[str, str], words: Words
) -> Iterator[Happening]:
    """What became of alerts; one that a graver one hid in the moment it began is no event."""
    every = tuple(entries)
    hidden = {(one.alert_id, one.at) for one in every if one.kind == "inhibited"}
    hidden &= {(one.alert_id, one.at) for one in every if one.kind == "firing"}
    told = [
        one for one in every if one.kind not in _UNTOLD and (one.alert_id, one.at) not in hidden
    ]
    for one, step in zip(told, steps(told, names, words), strict=True):
        title = words("past.step", what=title_of(one.name, one.subject, words), step=step.word)
        link = f"/manage/alerts/{one.alert_id}"
        yield Happening(one.at, "alert", step.role, title, step.by, step.note, link)


def of_riders(
    reports: Iterable[RiderReport], names: Mapping[str, str], words: Words
) -> Iterator[Happening]:
    """What riders reported, and what staff did with it."""
    for one in reports:
        title = words("past.rider", what=words.name_of("kind", one.kind))
        link = f"/manage/stations/{one.station_id}/reports#r{one.id}"
        yield Happening(one.created_at, "rider", "warn", title, "", one.text, link, one.language)
        if one.settled_at is not None:
            done = words("past.step", what=title, step=words(f"reports.{one.state}"))
            by = names.get(one.settled_by, one.settled_by)
            yield Happening(one.settled_at, "rider", "ok", done, by, one.answer, link)


def of_supplies(
    entries: Iterable[SupplyEntry], names: Mapping[str, str], words: Words
) -> Iterator[Happening]:
    """What came to the shelf and left it."""
    for one in entries:
        item = words.name_of("item", one.item)
        done = words(f"supplies.kind.{one.kind}", n=one.quantity)
        donor = words("shelf.donor", donor=one.donor) if one.donor else ""
        note = " · ".join(filter(None, (donor, one.note)))
        role = "ok" if one.kind == "restock" else "na"
        by = names.get(one.by, one.by)
        link = f"/manage/supplies/{one.station}/{one.item}"
        title = words("past.step", what=item, step=done)
        yield Happening(one.at, "supply", role, title, by, note, link)


def of_staff(
    entries: Iterable[AuditEntry],
    who: Callable[[str], str],
    changes: Callable[[AuditEntry], Iterable[Change]],
    words: Words,
) -> Iterator[Happening]:
    """What people did to the station itself: opened, closed, planned, changed, installed."""
    for one in entries:
        if one.action.startswith(_STAFF):
            title = words.name_of("action", one.action)
            yield Happening(one.at, "staff", "na", title, who(one.by), changes=tuple(changes(one)))
