"""To whom a notice goes: the nearest people of its tier, else of the next tier up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import get_args

from warmstation_server.notify.delivery import SEVERITIES, Address
from warmstation_server.notify.notice import Notice
from warmstation_wire.alert import Severity, Tier

TIERS = get_args(Tier)
OPERATOR = "operator"
"""The tier of notices about delivery itself; whoever runs the server is told."""

Ancestors = Callable[[str], Sequence[str]]
"""A region and all above it, from itself to the root; without those nobody knows."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, local time; over midnight where the end is earlier."""

    start: time
    end: time

    def end_after(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet that holds now ends; None where it does not hold."""
        local = now.astimezone(zone)
        clock, is_over_midnight = local.time(), self.end <= self.start
        is_quiet = (
            clock >= self.start or clock < self.end
            if is_over_midnight
            else self.start <= clock < self.end
        )
        if not is_quiet:
            return None
        day = local.date()
        if is_over_midnight and clock >= self.start:
            day += timedelta(days=1)
        return datetime.combine(day, self.end, zone)


@dataclass(frozen=True, slots=True)
class Route:
    """People of one tier of one region (None: of every region), and how they are reached."""

    recipient: str
    tier: str
    channels: Sequence[str]
    language: str = "zh-CN"
    region: str | None = None
    min_severity: Severity = "notice"
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Router:
    """All routes of a deployment. `group_wait`: how long ordinary notices wait for company."""

    routes: Sequence[Route]
    ancestors: Ancestors
    zone: tzinfo
    group_wait: timedelta = timedelta(seconds=5)

    def addresses(self, notice: Notice, now: datetime) -> tuple[Address, ...] | None:
        """Where the notice goes; empty where all who own it want only worse, None for nobody."""
        routes = self._of(notice)
        if not routes:
            return None
        rank = SEVERITIES.index(notice.severity)
        found: dict[str, Address] = {}
        for route in routes:
            if rank >= SEVERITIES.index(route.min_severity):
                due_at = self._due_at(notice, route, now)
                for channel in route.channels:
                    address = Address(route.recipient, channel, route.language, due_at)
                    found.setdefault(channel, address)
        return tuple(found.values())

    def _of(self, notice: Notice) -> list[Route]:
        """The routes of the nearest region that has any of the tier, then of the tiers above."""
        above: tuple[str | None, ...] = (*self.ancestors(notice.region_id), None)
        for tier in _from(notice.tier):
            for region in above:
                routes = [one for one in self.routes if (one.tier, one.region) == (tier, region)]
                if routes:
                    return routes
        return []

    def _due_at(self, notice: Notice, route: Route, now: datetime) -> datetime:
        if notice.severity == "critical":
            return now
        quiet_until = route.quiet.end_after(now, self.zone) if route.quiet is not None else None
        return quiet_until or now + self.group_wait


def _from(tier: str) -> Iterator[str]:
    if tier not in TIERS:
        return iter((tier,))
    return iter(TIERS[TIERS.index(tier) :])
