"""What stands in the bar of staff pages. Pure data; each surface adds its line."""

from __future__ import annotations

from typing import NamedTuple

from warmstation_server.accounts.role import Right


class Room(NamedTuple):
    """A page in the bar: where, what it is called (a catalogue key), who is shown it.

    `also`: other places that belong to it.
    """

    place: str
    word: str
    right: Right
    also: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """The visitor's own account: it stands in the corner, beside the way out."""
        return self.right is Right.OWN


_REGISTER = ("/manage/retired", "/manage/regions")
NAVIGATION: tuple[Room, ...] = (
    Room("/manage", "nav.alerts", Right.ALERTS_READ),
    Room("/manage/stations", "nav.stations", Right.STATIONS_READ, _REGISTER),
    Room("/manage/supplies", "nav.supplies", Right.SUPPLIES_READ, ("/manage/donors",)),
    Room("/district", "nav.district", Right.USAGE_READ),
    Room("/people", "nav.people", Right.PEOPLE_MANAGE),
    Room("/audit", "nav.audit", Right.AUDIT_READ),
    Room("/me", "nav.me", Right.OWN),
)


def room_of(place: str) -> Room | None:
    """In which of them a page is: the one with the longest address that leads there."""
    leads = [(to, one) for one in NAVIGATION for to in (one.place, *one.also)]
    found = [(to, one) for to, one in leads if f"{place}/".startswith(f"{to}/")]
    return max(found, key=lambda pair: len(pair[0]))[1] if found else None
