"""The demo's ledger of supplies: gifts of made-up donors, and what became of them. For `ground`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from warmstation_server.supplies.entry import Entry

if TYPE_CHECKING:
    from warmstation_server.places import Station
    from warmstation_server.registry import Registry

STATIONS = 40
"""So many keep a ledger; the others have their level sensors alone."""
DONORS = ("市红十字会", "爱心面馆", "社区志愿者", "街道工会", "暖心超市", "")
PARS = {"water": 60, "noodles": 48, "biscuits": 60, "first-aid-kits": 12}
_PAR = 40
_KEEPS = {"noodles": 150, "biscuits": 120, "first-aid-kits": 300}
"""Days until the date that is printed on what comes."""
_QUIET = timedelta(hours=72)
"""Nothing was brought so lately: the level sensors know of none."""


def written(registry: Registry, now: datetime, days: int) -> None:
    """Write it, where nobody has written anything yet."""
    if days <= 0 or registry.supplies.newest():
        return
    places = sorted(registry.stations(), key=lambda one: one.id)[:STATIONS]
    registry.supplies.add(list(entries(places, now, days)))
    for place in places:
        for item in place.supplies:
            registry.supplies.set_par(place.id, item, PARS.get(item, _PAR))


def entries(places: Iterable[Station], now: datetime, days: int) -> Iterator[Entry]:
    """What managers wrote down in these days, the same for the same moment."""
    for place in places:
        chance = Random(place.id)  # noqa: S311 - the same for every start
        for item in place.supplies:
            yield from _shelf(chance, place, item, now, days)


def _shelf(chance: Random, place: Station, item: str, now: datetime, days: int) -> Iterator[Entry]:
    par, left = PARS.get(item, _PAR), 0
    today = now.astimezone(ZoneInfo(place.zone)).date()
    for ago in range(days, 0, -1):
        day = today - timedelta(days=ago)
        at = datetime.combine(day, time(8, 30), ZoneInfo(place.zone))
        at += timedelta(minutes=chance.randrange(90))
        about = (place.id, item)
        if left <= par // 3 and now - at > _QUIET:
            came = par - left
            is_old = chance.random() < 0.04
            keeps = _KEEPS.get(item) if not is_old else ago + chance.randrange(2, 7)
            expires_on = None if item not in _KEEPS or keeps is None else day + timedelta(keeps)
            yield Entry(*about, "restock", came, at, "manager", donor=chance.choice(DONORS),
                        expires_on=expires_on)  # fmt: skip
            left += came
        elif left and ago % 7 == 0:
            left -= (lost := min(left, chance.randrange(3)))
            yield Entry(*about, "count", left, at, "manager")
            if not lost and chance.random() < 0.1:
                left -= 1
                yield Entry(*about, "discard", 1, at + timedelta(minutes=4), "manager", note="破损")
        elif left:
            gone = min(left, chance.randrange(1, max(2, par // 8)))
            left -= gone
            yield Entry(*about, "handout", gone, at + timedelta(hours=9), "manager")
