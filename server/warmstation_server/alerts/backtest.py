"""What a set of rules would have made of conditions of the past, and how two sets differ. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warmstation_server.notify.notice import Notice
from warmstation_wire import rfc3339

PAGES = frozenset(
    {"firing", "still_firing", "severity_up", "escalated", "reminder", "flapping", "steady"}
)
"""Notices that want somebody to do something; the others only say how it went on."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one set of rules said in a time. `reports`: so many were judged in it."""

    notices: tuple[Notice, ...]
    start: datetime
    end: datetime
    reports: int = 0

    @property
    def pages(self) -> tuple[Notice, ...]:
        """What somebody would have been called for."""
        return tuple(one for one in self.notices if one.kind in PAGES)

    @property
    def pages_a_day(self) -> float:
        """Over all stations."""
        days = (self.end - self.start).total_seconds() / 86400
        return len(self.pages) / days if days > 0 else 0.0

    def by_title(self) -> Counter[str]:
        """Pages by what was wrong."""
        return Counter(one.title.en or one.title.zh for one in self.pages)

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "reports": self.reports,
            "pages": len(self.pages),
            "pages_a_day": round(self.pages_a_day, 3),
            "notices": len(self.notices),
            "by_trouble": dict(self.by_title().most_common()),
        }


def only_in(one: Judged, other: Judged) -> tuple[Notice, ...]:
    """Pages of the first set of rules that the second would not have sent, by time."""
    known = {_what(page) for page in other.pages}
    return tuple(sorted(_missing(one.pages, known), key=lambda page: (page.at, page.key)))


def page_dict(page: Notice) -> dict[str, Any]:
    """A page for programs."""
    return {
        "at": rfc3339(page.at),
        "station": page.station,
        "trouble": page.title.en or page.title.zh,
        "kind": page.kind,
        "severity": page.severity,
        "tier": page.tier,
    }


def _missing(pages: Iterable[Notice], known: set[tuple[object, ...]]) -> list[Notice]:
    return [page for page in pages if _what(page) not in known]


def _what(page: Notice) -> tuple[object, ...]:
    return page.station, page.title, page.kind, page.severity, page.tier, page.at
