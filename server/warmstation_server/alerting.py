"""From stored reports to alerts, once a tick. It must never stop the intake.

The pipeline's thread owns it. Whatever fails in here is logged, counted, and tried again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.duty import RENEWAL, Duty
from warmstation_server.history import Received
from warmstation_server.metrics import Metrics
from warmstation_server.publish.alerts import send_alerts
from warmstation_server.publish.mqtt import Sender
from warmstation_server.roster import Roster
from warmstation_server.shown import Shown
from warmstation_server.snapshot import Told

log = logging.getLogger(__name__)

DEAF = timedelta(minutes=1)
"""A server that took no turn for longer did not listen: silence counts from its return."""


class ConditionSource(Protocol):
    """What may be wrong, from reports; `conditions.watch.Watch` is one."""

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; the stations whose news should not wait for the tick."""
        ...

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterable[Condition]:
        """What is new about these stations, and what silence has made due."""
        ...

    def news(self, stations: Iterable[str]) -> Iterable[Condition]:
        """What is new about these alone: for what cannot wait until all are asked."""
        ...

    def registry_changed(self) -> None:
        """Read the promises again."""
        ...

    def remember(self, now: datetime, breath: Callable[[], None]) -> None:
        """Read some of what was learned before the start, where that was too much for it.

        `breath` is called between two pieces of the work.
        """
        ...

    def keep(self, now: datetime, breath: Callable[[], None]) -> None:
        """All that was told so far is committed: it may be remembered as told.

        `breath` is called between two pieces of the work.
        """
        ...

    def close(self, now: datetime) -> None:
        """The end: as `keep`, and no report comes any more."""
        ...


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What alerting works on. `is_listening`: whether the broker is there at all.

    `wake`: told when there is something to tell people.
    """

    source: ConditionSource
    desk: Desk
    scene: RosterScene
    roster: Roster
    sender: Sender
    metrics: Metrics
    is_listening: Callable[[], bool]
    wake: Callable[[], None] = lambda: None
    duty: Duty | None = None
    """None: this server alone decides."""


class Alerting:
    """Turns what was reported into alerts."""

    def __init__(self, parts: AlertParts) -> None:
        self._parts = parts
        self._stations = parts.roster.stations
        self._by_hand = parts.roster.overrides
        self._is_resumed = False
        self._is_failing = False
        self._turned_at: datetime | None = None
        self._unheard: list[Condition] = []
        self._look_at: datetime | None = None
        self._shown = Shown(parts.scene)

    @property
    def told(self) -> Told:
        """What riders may know of them, and what they say of the stations' values."""
        return self._shown.told

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take stored reports in; stations with what is too dangerous to wait for the tick."""
        try:
            return self._parts.source.after_reports(batch)
        except Exception as error:  # noqa: BLE001 - a bug in a diagnosis must not stop the intake
            self._failed(error)
            return set()

    def turn(
        self,
        touched: Set[str],
        now: datetime,
        *,
        is_stored: bool,
        breath: Callable[[], None] = lambda: None,
    ) -> None:
        """Decide and tell. `is_stored`: the history takes reports, so silence means something.

        `breath` is called now and then, for whoever has something more urgent to do.
        """
        if self._turn(lambda: self._parts.source.conditions(touched, now), now, is_stored):
            self._keep(now, breath)

    def hurry(self, urgent: Set[str], now: datetime, *, is_stored: bool) -> None:
        """Decide upon these stations and tell; what is new about others waits for a turn."""
        self._turn(lambda: self._parts.source.news(urgent), now, is_stored)

    def _turn(
        self, news: Callable[[], Iterable[Condition]], now: datetime, is_stored: bool
    ) -> bool:
        """Whether all that was told so far is committed."""
        try:
            self._listen(now, is_stored=is_stored)
            is_decided = self._decide(news, now)
        except Exception as error:  # noqa: BLE001 - reports are stored and shown all the same
            self._failed(error)
            return False
        self._is_failing = False
        return is_decided and not self._parts.desk.is_behind(now)

    def _keep(self, now: datetime, breath: Callable[[], None]) -> None:
        try:
            self._parts.source.keep(now, breath)
        except Exception as error:  # noqa: BLE001 - it is learned anew, at worst
            self._failed(error)

    def remember(self, now: datetime, breath: Callable[[], None]) -> None:
        """Once a tick: read some of what was learned before the start, where more is there."""
        try:
            self._parts.source.remember(now, breath)
        except Exception as error:  # noqa: BLE001 - it is learned anew, at worst
            self._failed(error)

    def is_behind(self, now: datetime) -> bool:
        """Whether more is due than one turn decides: a mass incident, or a start."""
        return self._is_resumed and not self._is_failing and self._parts.desk.is_behind(now)

    def close(self, now: datetime) -> None:
        """After the last turn; where that failed, or left some, the next start looks for itself."""
        duty = self._parts.duty
        if (
            self._is_failing
            or self._parts.desk.is_behind(now)
            or (duty is not None and not duty.is_mine(now))
        ):
            return
        self._parts.source.close(now)
        if duty is not None:
            with contextlib.suppress(ConnectionError):  # then the lease ends by itself
                duty.leave()

    def _listen(self, now: datetime, *, is_stored: bool) -> None:
        last, self._turned_at = self._turned_at, now
        was_away = last is None or now - last > DEAF
        scene = self._parts.scene
        is_deaf = not is_stored or not self._parts.is_listening()
        # A clock that was ahead has heard nothing of what is still to come.
        if was_away or is_deaf or now < scene.watching_since:
            scene.watching_since = now

    def _decide(self, news: Callable[[], Iterable[Condition]], now: datetime) -> bool:
        """Whether it is this server that decides."""
        parts = self._parts
        promised = self._promised_anew()
        by_hand = self._said_anew()
        # What was taken from the source is not told again: it is kept until the desk has it.
        self._unheard += news()
        if parts.duty is not None and not parts.duty.is_mine(now):
            self._stand_by(now)
            return False
        if not self._is_resumed:
            parts.desk.resume(now)
            self._is_resumed = True
            self._shown.see_all(parts.desk.states())
        parts.desk.look(promised | by_hand, now)
        heard, self._unheard = self._unheard, []
        failed = parts.desk.failed
        decided = parts.desk.turn(heard, now)
        parts.metrics.alert_failures(parts.desk.failed - failed)
        if decided.notices:
            parts.wake()
        if decided:
            send_alerts(parts.sender, decided.transitions, parts.roster.known)
            parts.metrics.alerts(parts.desk.words)
            self._shown.see(decided)
        return True

    def _promised_anew(self) -> set[str]:
        """Stations with alerts that are none any more, or have other hours or another region."""
        parts, before = self._parts, self._stations
        now = parts.roster.stations
        if now is before:
            return set()
        self._stations = now
        parts.source.registry_changed()
        self._shown.see_all(parts.desk.states())
        alerted = {one.station for one in parts.desk.states()}
        return {one for one in alerted if before.get(one) != now.get(one)}

    def _said_anew(self) -> set[str]:
        """Stations that were opened or closed by hand since the last time."""
        before, now = self._by_hand, self._parts.roster.overrides
        self._by_hand = now
        return {one for one in (*before, *now) if before.get(one) != now.get(one)}

    def _stand_by(self, now: datetime) -> None:
        """Another server decides: show what it decided, and keep what is true for its end."""
        parts = self._parts
        self._unheard = list({one.key: one for one in self._unheard}.values())
        parts.desk.refuse("another server of this deployment decides on alerts: try again there")
        if self._look_at is None or now >= self._look_at:
            self._look_at = now + RENEWAL
            self._is_resumed = False
            parts.desk.resume(now)
            parts.metrics.alerts(parts.desk.words)
            self._shown.see_all(parts.desk.states())

    def _failed(self, error: Exception) -> None:
        self._parts.metrics.alert_failures()
        if not self._is_failing:
            log.error("alerts stand still, reports are taken: %s", error, exc_info=error)
        self._is_failing = True
