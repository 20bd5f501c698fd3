"""What stands in the bar of staff pages. Pure data; each surface adds its line."""

from __future__ import annotations

from typing import NamedTuple

from warmstation_server.accounts.role import Right


class Room(NamedTuple):
    """A page in the bar: where, what it is called (a catalogue key), who is shown it."""

    place: str
    word: str
    right: Right


NAVIGATION: tuple[Room, ...] = (
    Room("/manage", "nav.alerts", Right.ALERTS_READ),
    Room("/manage/stations", "nav.stations", Right.STATIONS_READ),
    Room("/manage/supplies", "nav.supplies", Right.SUPPLIES_READ),
    Room("/district", "nav.district", Right.USAGE_READ),
    Room("/people", "nav.people", Right.PEOPLE_MANAGE),
    Room("/audit", "nav.audit", Right.AUDIT_READ),
    Room("/me", "nav.me", Right.OWN),
)


def room_of(place: str) -> Room | None:
    """In which of them a page is: the one with the longest address that leads there."""
    found = [one for one in NAVIGATION if f"{place}/".startswith(f"{one.place}/")]
    return max(found, key=lambda one: len(one.place), default=None)
