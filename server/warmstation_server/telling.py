"""Who would be told of a trouble that begins now and that nobody takes on. Pure.

The desk itself is asked, in a trial: so hours, holidays, delays, reminders and planned work count
as they would. For `warmstation notify who`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.alerts.rules import Rules
from warmstation_server.alerts.scene import Registered
from warmstation_server.notify.delivery import Address
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.routes import Router

_HEARD_EVERY = timedelta(minutes=5)
"""As the watch repeats what holds."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and where it goes; `addresses` is None where nobody is there to be told."""

    notice: Notice
    addresses: Sequence[Address] | None


@dataclass(frozen=True, slots=True)
class Telling:
    """What a deployment says about its people and its rules."""

    registered: Registered
    rules: Rules
    router: Router
    planned: Iterable[Window] = ()

    def of(self, station: str, name: str, now: datetime, lasting: timedelta) -> list[Told]:
        """Everything that would be told of this condition until then, in order."""
        trial = DryRun(self.registered, self.rules, now)
        trial.plan(self.planned)
        for number in range(lasting // _HEARD_EVERY + 1):
            at = now + number * _HEARD_EVERY
            trial.take((Condition(station, name, True, at),), at)
        trial.take((), now + lasting)
        return [Told(one, self.router.addresses(one, one.at)) for one in trial.notices]
