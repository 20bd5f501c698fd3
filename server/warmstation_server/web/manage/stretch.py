"""A stretch of a station's past, as somebody asked for it: an address that can be sent on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.web.manage.curves import Reach
from warmstation_server.web.manage.when import day, in_field, moment

LEAST, MOST = timedelta(minutes=30), timedelta(days=31)
USUAL = timedelta(days=1)
WEEK = timedelta(days=7)
_STEPS = (
    (timedelta(hours=3), timedelta(minutes=1)),
    (timedelta(hours=12), timedelta(minutes=5)),
    (timedelta(days=2), timedelta(minutes=15)),
    (timedelta(days=9), timedelta(hours=1)),
)
_WIDEST = timedelta(hours=6)
KINDS = ("alert", "rider", "supply", "staff")
"""What can happen, by who it concerns; each can be looked at alone."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end`, whole minutes in UTC. `kind`: one of KINDS, "" for all.

    `is_beside`: the same time a week earlier is drawn with it. `wrong`: the key of what was
    wrong with the question, "" where nothing was.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    kind: str = ""
    is_beside: bool = False
    wrong: str = ""

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    @property
    def reach(self) -> Reach:
        """The steps that fit it."""
        step = next((step for most, step in _STEPS if self.length <= most), _WIDEST)
        return Reach("own", self.length, step)

    @property
    def first_step(self) -> datetime:
        """Where the step begins that `start` lies in, by the clock of the station."""
        local = self.start.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight + (local - midnight) // self.reach.window * self.reach.window).astimezone(
            UTC
        )

    def query(self, **other: object) -> str:
        """Its address behind the `?`, with other values for some fields."""
        one = replace(self, **other)  # type: ignore[arg-type]
        given = [f"from={in_field(one.start, one.zone)}", f"to={in_field(one.end, one.zone)}"]
        given += [f"kind={one.kind}"] if one.kind else []
        given += ["beside=1"] if one.is_beside else []
        return "&".join(given)

    def ways(self, now: datetime) -> dict[str, str]:
        """Where to go from here, by key: the queries of what is earlier, later, closer, wider."""
        half, quarter = self.length / 2, self.length / 4
        later = min(self.end + half, _minute(now))
        found = {"earlier": self.query(start=self.start - half, end=self.end - half)}
        if later > self.end:
            found["later"] = self.query(start=later - self.length, end=later)
        if half >= LEAST:
            found["closer"] = self.query(start=self.start + quarter, end=self.end - quarter)
        if self.length < MOST:
            wide = min(2 * self.length, MOST)
            end = min(self.end + (wide - self.length) / 2, _minute(now))
            found["wider"] = self.query(start=end - wide, end=end)
        return found


def stretch(given: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Stretch:
    """What these parameters ask for; the last day, with what is wrong, where they make no sense."""
    end, kind = _minute(now), given.get("kind", "")
    usual = Stretch(
        end - USUAL, end, zone, kind if kind in KINDS else "", given.get("beside") == "1"
    )
    first, last = given.get("from", ""), given.get("to", "")
    if not first and not last:
        return usual
    to = _moment(last, zone, is_end=True) if last else end
    start = _moment(first, zone) if first else None if to is None else to - USUAL
    if start is None or to is None:
        return replace(usual, wrong="past.wrong.moment")
    to = min(to, end)
    if to - start < LEAST:
        return replace(usual, wrong="past.wrong.order")
    if to - start > MOST:
        return replace(usual, start=to - MOST, end=to, wrong="past.wrong.long")
    return replace(usual, start=start, end=to)


def _moment(text: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime | None:
    """A field's moment, or a day's first minute (or the end of the day)."""
    if day(text) is not None and len(text) == len("2026-11-22"):
        midnight = moment(f"{text}T00:00", zone)
        return None if midnight is None else midnight + timedelta(days=is_end)
    found = moment(text, zone)
    return None if found is None else _minute(found)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
