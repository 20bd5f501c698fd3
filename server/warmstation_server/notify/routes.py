"""To whom a notice goes: the nearest people of its tier who are on duty, else further up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import get_args

from warmstation_server.notify.delivery import SEVERITIES, TO_ALL, Address
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.rota import Duty, QuietHours, Rota
from warmstation_wire.alert import Severity, Tier

TIERS = get_args(Tier)
OPERATOR = "operator"
"""The tier of notices about delivery itself; whoever runs the server is told."""

Ancestors = Callable[[str], Sequence[str]]
"""A region and all above it, from itself to the root; without those nobody knows."""
Place = tuple[str, str] | None
"""`("station", id)`, `("region", id)`, or None for everywhere."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How one person is reached. `duty`: only then; always where it is None."""

    name: str
    channels: Sequence[str]
    language: str = "zh-CN"
    quiet: QuietHours | None = None
    duty: Duty | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers for one tier of one place: a contact, or whoever's turn it is of several."""

    contacts: Sequence[Contact]
    tier: str
    place: Place = None
    min_severity: Severity = "notice"
    rota: Rota | None = None

    def contact(self, at: datetime) -> Contact:
        """Who answers then."""
        place = 0 if self.rota is None else self.rota.place(at, len(self.contacts))
        return self.contacts[place]

    def is_on_duty(self, at: datetime) -> bool:
        """Whether who answers then can be told then."""
        duty = self.contact(at).duty
        return duty is None or duty.is_open(at)


@dataclass(frozen=True, slots=True)
class Router:
    """All routes of a deployment. `group_wait`: how long ordinary notices wait for company."""

    routes: Sequence[Route]
    ancestors: Ancestors
    zone: tzinfo
    group_wait: timedelta = timedelta(seconds=5)

    def addresses(
        self, notice: Notice, now: datetime, told: Sequence[Address] = ()
    ) -> tuple[Address, ...] | None:
        """Where the notice goes; empty where all who own it want only worse, None for nobody.

        Where nobody at all is on duty, the nearest people hear what is critical all the same,
        and the rest as soon as their duty begins. `told`: who was told of this alert before: that
        it is over, or taken on, goes to them, whoever owns it or is on duty by now.
        """
        if notice.kind in TO_ALL and (again := self._again(notice, told, now)):
            return again
        nearest = next(self._groups(notice), None)
        if nearest is None:
            return None
        groups = ([one for one in group if one.is_on_duty(now)] for group in self._groups(notice))
        routes = next(filter(None, groups), nearest)
        rank = SEVERITIES.index(notice.severity)
        found: dict[str, Address] = {}
        for route in routes:
            if rank >= SEVERITIES.index(route.min_severity):
                contact = route.contact(now)
                due_at = self._due_at(notice, contact, now)
                for channel in contact.channels:
                    address = Address(contact.name, channel, contact.language, due_at)
                    found.setdefault(channel, address)
        return tuple(found.values())

    def _again(self, notice: Notice, told: Sequence[Address], now: datetime) -> tuple[Address, ...]:
        """Those who were told, over the same channels; not who is in no route any more."""
        known = {
            (contact.name, channel): contact
            for route in self.routes
            for contact in route.contacts
            for channel in contact.channels
        }
        found: dict[str, Address] = {}
        for one in told:
            contact = known.get((one.recipient, one.channel))
            if contact is not None:
                due_at = self._due_at(notice, contact, now)
                found.setdefault(one.channel, replace(one, due_at=due_at))
        return tuple(found.values())

    def _groups(self, notice: Notice) -> Iterator[list[Route]]:
        """The routes of the tier, the nearest place's first, then those of the tiers above."""
        above = [("region", one) for one in self.ancestors(notice.region_id)]
        places: tuple[Place, ...] = (("station", notice.station), *above, None)
        for tier in _from(notice.tier):
            for place in places:
                routes = [one for one in self.routes if (one.tier, one.place) == (tier, place)]
                if routes:
                    yield routes

    def _due_at(self, notice: Notice, contact: Contact, now: datetime) -> datetime:
        if notice.severity == "critical":
            return now
        due_at = now + self.group_wait
        if contact.duty is not None and not contact.duty.is_open(now):
            due_at = contact.duty.next_change(now) or due_at
        quiet = contact.quiet
        return (quiet.end_after(due_at, self.zone) if quiet is not None else None) or due_at


def _from(tier: str) -> Iterator[str]:
    if tier not in TIERS:
        return iter((tier,))
    return iter(TIERS[TIERS.index(tier) :])
