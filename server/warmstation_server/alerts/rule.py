"""A Rule: what counts as trouble, for how long, how grave it is, who is told when. Pure data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from warmstation_wire.alert import Severity, Tier

Page = Literal["always", "open hours", "never"]

TIERS: tuple[Tier, ...] = get_args(Tier)
"""From the narrowest to the widest: the way an escalation goes."""
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the least to the gravest."""
PAGES: tuple[Page, ...] = get_args(Page)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+(?:s|m|h|d|w))+")
_LONGEST = timedelta(days=3650)
_PART = re.compile(r"(\d+)([smhdw])")


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom it goes when nobody has acknowledged it so long after the first notice."""

    after: timedelta
    to: Tier


@dataclass(frozen=True, slots=True)
class Flapping:
    """So many firings and resolutions within this time: it is told once, as flapping."""

    changes: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """How one condition becomes an alert. All durations are event time.

    `raise_above`/`clear_below` (or `raise_below`/`clear_above`) judge the condition's value instead
    of its word; between the two the alert stays as it was. `at_once`: it waits for no report that
    may still be on its way. `is_absence`: the condition says that something did not come, so only
    time in which the server listened counts. `severity_closed`: outside of opening hours.
    """

    name: str
    pending_for: timedelta = timedelta(0)
    keep_firing_for: timedelta = timedelta(0)
    raise_above: float | None = None
    clear_below: float | None = None
    raise_below: float | None = None
    clear_above: float | None = None
    min_confidence: float = 0.0
    severity: Severity = "warning"
    severity_closed: Severity | None = None
    owner: Tier = "station"
    page: Page = "open hours"
    escalate: tuple[Escalation, ...] = ()
    remind: timedelta | None = None
    acknowledge_for: timedelta = timedelta(hours=4)
    stale_after: timedelta = timedelta(minutes=30)
    flapping: Flapping | None = None
    inhibited_by: tuple[str, ...] = ()
    at_once: bool = False
    is_absence: bool = False
    is_public: bool = False

    def severity_when(self, *, is_open: bool) -> Severity:
        """How grave it is in or outside of opening hours."""
        return self.severity if is_open or self.severity_closed is None else self.severity_closed


def duration(text: str) -> timedelta:
    """`90s`, `10m`, `1h30m`, `2d` as a time; ValueError where it is not one."""
    if len(text) > 64 or not _DURATION.fullmatch(text):
        raise ValueError('must be a duration such as "90s", "10m", "1h30m" or "2d"')
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise ValueError("must be ten years (3650d) at most")
    return timedelta(seconds=seconds)


def is_worse(one: Severity, other: Severity) -> bool:
    """Whether the first is graver."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)
