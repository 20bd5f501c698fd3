"""One alert while a step of its life is worked out: collects what the step changes and tells.

For the lifecycle's own files; it lives no longer than one call of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from warmstation_server.alerts.context import Context
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import (
    AlertState,
    Outcome,
    Transition,
    TransitionKind,
    changed,
    entry,
)
from warmstation_server.alerts.words import title
from warmstation_server.notify.notice import ENDS, Notice, NoticeKind
from warmstation_server.places import Text


class Case:
    """A state on its way to the next one, under one rule in one context."""

    def __init__(self, state: AlertState, rule: Rule, context: Context) -> None:
        self.state = state
        self.rule = rule
        self.context = context
        self.is_over = False
        self._transitions: list[Transition] = []
        self._notices: list[Notice] = []

    def to(self, **changes: Any) -> None:
        """Change the state."""
        self.state = changed(self.state, **changes)

    def enter(
        self,
        kind: TransitionKind,
        at: datetime,
        *,
        by: str | None = None,
        note: str = "",
        is_late: bool = False,
    ) -> None:
        """Write an entry of the alert's history, of the state as it is now."""
        self.to(entries=self.state.entries + 1)
        self._transitions.append(entry(self.state, kind, at, by=by, note=note, is_late=is_late))

    def tell(
        self,
        kind: NoticeKind,
        at: datetime,
        instead: Text | None = None,
        *,
        beside: Text | None = None,
    ) -> None:
        """Send a notice to the tier that owns the alert now. Its number makes its key.

        `instead`: said in place of advice and evidence; `beside`: said after the advice.
        """
        first = self.state.told_at is None
        self.to(notices=self.state.notices + 1, noticed_at=at, owed=None)
        if first:
            self.to(told_at=at, escalate_from=at)
        state, station = self.state, self.context.station
        tier, region_id = self.context.told(state.tier)
        is_settled = kind in ENDS or instead is not None
        notice = Notice(
            key=f"{state.id}-{state.notices}-{kind}",
            alert_id=state.id,
            kind=kind,
            severity=state.severity,
            station=state.station,
            station_name=station.name,
            tier=tier,
            region_id=region_id,
            title=title(state.name, state.subject),
            since=state.since,
            at=at,
            advice=instead if is_settled else _both(state.advice, beside),
            evidence=_lasted(state) if kind in ENDS else {} if instead else state.evidence,
        )
        self._notices.append(notice)

    def tell_kept(self, notice: Notice, at: datetime) -> None:
        """Send the end of the alert before, which nobody heard yet."""
        self.to(unheard=None)
        self._notices.append(replace(notice, at=at))

    def outcome(self) -> Outcome:
        """What became of it."""
        return Outcome(
            None if self.is_over else self.state,
            tuple(self._transitions),
            tuple(self._notices),
            self.state if self.is_over else None,
        )


def _both(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None:
        return one or other
    return Text(f"{one.zh} {other.zh}", f"{one.en or one.zh} {other.en or other.zh}")


def _lasted(state: AlertState) -> dict[str, float | str]:
    """What there is to say of an end: how long it took, for it may be told hours later."""
    ended = state.resolved_at or state.last_at
    return {"lasted_min": round((ended - state.since).total_seconds() / 60, 1)}
