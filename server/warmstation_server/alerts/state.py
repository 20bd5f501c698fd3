"""What is known of one alert, and what happened to it. Immutable; made by `lifecycle` alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from warmstation_server.notify.notice import Notice, NoticeKind, Severity
from warmstation_server.places import Text
from warmstation_wire.alert import AlertStateWord, AlertTransition, Tier

Key = tuple[str, str, str]
"""Station, condition, subject."""
Phase = Literal["past", "pending", "firing", "resolved"]
Word = Literal["past", "pending", AlertStateWord]
"""What others may know, and two that are ours alone."""
TransitionKind = Literal[
    "pending", "dropped", "reminded", "assigned", "commented", "late", AlertTransition
]
"""What is published, and what stays inside."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has taken it on, and until when that holds."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Hush:
    """Who silenced it and why, and how grave it was: what is graver breaks through, once."""

    by: str
    why: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class AlertState:
    """One alert: what is wrong, since when, who knows. Every moment is event time.

    `phase`: `past` is known from late data alone. `is_up`: past `for` and not yet fine for
    `keep_firing_for`; differs from a firing phase only while it flaps. `was_past`: late data knew
    of it before it was pending. `last_at`: newest evidence; `is_known`: False since somebody said
    that nobody can tell; until then the last word stands. `fresh_at`: the newest evidence, never
    before what had been decided already. `passed_at`: up to here all that was due is done.
    `owed`: a notice that waits until it may be sent; `unheard`: the end of the alert before, where
    that still waits. `changes`: when it fired and resolved lately. `silenced_until`: also when it
    returns before, after an end by evidence. `entries`, `notices`: how many there were, they
    number the next.
    """

    station: str
    name: str
    subject: str
    id: str
    phase: Phase
    since: datetime
    severity: Severity
    tier: Tier
    last_at: datetime
    fresh_at: datetime
    passed_at: datetime
    is_wrong: bool = True
    is_known: bool = True
    is_up: bool = False
    was_past: bool = False
    pending_at: datetime | None = None
    fine_at: datetime | None = None
    last_fine_at: datetime | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    value: float | None = None
    confidence: float = 1.0
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    advice: Text | None = None
    owed: NoticeKind | None = None
    unheard: Notice | None = None
    told_at: datetime | None = None
    noticed_at: datetime | None = None
    escalate_from: datetime | None = None
    escalated: int = 0
    changes: tuple[datetime, ...] = ()
    is_flapping: bool = False
    is_stale: bool = False
    is_maintained: bool = False
    inhibited_by: str | None = None
    acknowledged: Acknowledgement | None = None
    silenced_until: datetime | None = None
    hush: Hush | None = None
    assignee: str | None = None
    entries: int = 0
    notices: int = 0

    @property
    def key(self) -> Key:
        """What makes it this trouble and no other."""
        return self.station, self.name, self.subject

    @property
    def word(self) -> Word:
        """The state in one word: of several that hold, the one that explains the silence."""
        if self.phase != "firing":
            return self.phase
        if self.is_flapping:
            return "flapping"
        if self.inhibited_by is not None:
            return "inhibited"
        if self.silenced_until is not None:
            return "silenced"
        return "firing" if self.acknowledged is None else "acknowledged"


@dataclass(frozen=True, slots=True)
class Transition:
    """One entry of an alert's history. `at`: event time. `by`: who did it, None for the rules.

    `is_late`: from backfilled data: it corrects the past and told nobody.
    """

    alert_id: str
    number: int
    station: str
    name: str
    subject: str
    kind: TransitionKind
    at: datetime
    since: datetime
    severity: Severity
    word: Word
    tier: Tier
    is_late: bool = False
    by: str | None = None
    note: str = ""


class Outcome(NamedTuple):
    """What one step made of an alert; `state` is None once there is nothing to remember.

    `ended`: what it was last, where it is over.
    """

    state: AlertState | None
    transitions: tuple[Transition, ...] = ()
    notices: tuple[Notice, ...] = ()
    ended: AlertState | None = None


_READ = attrgetter(*(one.name for one in fields(AlertState)))
_WRITE = tuple(getattr(AlertState, one.name).__set__ for one in fields(AlertState))


def changed(state: AlertState, **changes: Any) -> AlertState:
    """`dataclasses.replace` in a quarter of its time; an incident changes thousands at once."""
    found = object.__new__(AlertState)
    for write, value in zip(_WRITE, _READ(state), strict=True):
        write(found, value)
    for name, value in changes.items():
        object.__setattr__(found, name, value)
    return found


def entry(
    state: AlertState,
    kind: TransitionKind,
    at: datetime,
    *,
    by: str | None = None,
    note: str = "",
    is_late: bool = False,
) -> Transition:
    """An entry of an alert's history, of the state as it is."""
    return Transition(
        alert_id=state.id,
        number=state.entries,
        station=state.station,
        name=state.name,
        subject=state.subject,
        kind=kind,
        at=at,
        since=state.since,
        severity=state.severity,
        word=state.word,
        tier=state.tier,
        is_late=is_late,
        by=by,
        note=note,
    )


NO_STATION = "no_station"
"""Why an alert is over whose station was retired or removed."""


def alert_id(key: Key, began_at: datetime, said_at: datetime, *, is_late: bool = False) -> str:
    """The same trouble that began at the same moment has the same id, whoever computes it.

    `said_at`: of the evidence. What comes too late counts as of a moment when other things count
    as well: an alert may end and begin anew in it. `is_late`: it is not the one that was live.
    """
    text = "\n".join((*key, began_at.isoformat()))
    if is_late or said_at != began_at:
        text += f"\n{'late' if is_late else said_at.isoformat()}"
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()
