"""Takes lines of the ledger into the sums of supplies. For `supplies_sums`.

A station with a new line is folded again, and written again from the first day that its new lines
touch: late lines and corrections by counting are lines like any other. The last lines are
remembered with a mark of each: of two writers the lower number may be there later, and a ledger
that was restored may go on with other lines under the same numbers.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.supplies.entry import Entry
from warmstation_server.usage.supplied import movements
from warmstation_server.usage.supplies_tables import SuppliesTables

log = logging.getLogger(__name__)

OVERLAP = 100
"""So many lines are looked at again."""
MANY = 2_000
"""With more new lines than that all is made again, which takes less memory."""
AT_ONCE = 20
"""Stations whose lines are read together."""


Pause = Callable[[], bool]
"""Called between stations, and may take time; True: stop, nothing is changed then."""


def on() -> bool:
    """No pause, and no stop."""
    return False


class Ledger(Protocol):
    """The ledger of supplies; the registry. May raise RegistryAway."""

    def entries(self, stations: Collection[str]) -> Sequence[Entry]:
        """All lines of these stations."""
        ...

    def after(self, number: int) -> Sequence[Entry]:
        """All lines behind this one."""
        ...

    def newest(self) -> int:
        """The highest number, 0 where there is no line."""
        ...

    def lines(self, until: int) -> int:
        """How many lines have this number or a lower one."""
        ...

    def stations(self) -> Sequence[str]:
        """All that have a line."""
        ...


def is_far_behind(tables: SuppliesTables, ledger: Ledger) -> bool:
    """Whether all is to be made again, which takes minutes for a city's ledger of years."""
    return _seen(tables.newest(), ledger) is None


def take_in(
    tables: SuppliesTables,
    ledger: Ledger,
    zone: ZoneInfo,
    *,
    look_closely: bool = False,
    pause: Pause = on,
) -> None:
    """Bring the sums up to the ledger. `look_closely`: see that no line was ever missed.

    InterruptedError where it was told to stop: everything is as it was.
    """
    kept = tables.newest()
    seen = _seen(kept, ledger)
    if not look_closely and seen is not None and seen.keys() == kept.keys():
        return
    with tables.writing():
        kept = tables.newest()  # another process may have been here
        seen = _seen(kept, ledger)
        if seen is not None:
            _take_some(tables, ledger, zone, seen, kept.keys(), pause)
        if seen is None or (look_closely and _lacks(tables, ledger)):
            _take_all(tables, ledger, zone, pause)


def _seen(kept: Mapping[int, str], ledger: Ledger) -> dict[int, Entry] | None:
    """The lines that are remembered and all that are new; None where all is to be made again."""
    top = max(kept, default=0)
    if ledger.newest() - top > MANY:
        return None
    found = {one.number: one for one in ledger.after(max(0, top - OVERLAP))}
    is_same = all(n in found and _mark(found[n]) == mark for n, mark in kept.items())
    return found if is_same else None


def _lacks(tables: SuppliesTables, ledger: Ledger) -> bool:
    return ledger.lines(max(tables.newest(), default=0)) != tables.lines()


def _take_some(
    tables: SuppliesTables,
    ledger: Ledger,
    zone: ZoneInfo,
    seen: Mapping[int, Entry],
    known: Collection[int],
    pause: Pause,
) -> None:
    firsts: dict[str, date] = {}
    new = [one for number, one in seen.items() if number not in known]
    for one in new:
        day = one.at.astimezone(zone).date()
        firsts[one.station] = min(day, firsts.get(one.station, day))
    if not new:
        return
    places = _put(tables, ledger, zone, firsts, pause)
    tables.add_up_again(places, min(firsts.values()))
    tables.close_weeks(max(one.at.astimezone(zone).date() for one in new))
    _remember(tables, seen, tables.lines() + len(new))


def _take_all(tables: SuppliesTables, ledger: Ledger, zone: ZoneInfo, pause: Pause) -> None:
    log.info("the sums of supplies are made again from the ledger")
    tables.forget()
    newest = {one.number: one for one in ledger.after(max(0, ledger.newest() - OVERLAP))}
    lines = ledger.lines(max(newest, default=0))
    _put(tables, ledger, zone, dict.fromkeys(ledger.stations(), date.min), pause)
    if newest:
        tables.close_weeks(max(one.at.astimezone(zone).date() for one in newest.values()), pause)
    _remember(tables, newest, lines)


def _put(
    tables: SuppliesTables,
    ledger: Ledger,
    zone: ZoneInfo,
    firsts: Mapping[str, date],
    pause: Pause,
) -> list[int]:
    """Fold these stations again, from a day on; their places."""
    names, places = sorted(firsts), []
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        lines: dict[str, list[Entry]] = {name: [] for name in some}
        for one in ledger.entries(some):
            lines[one.station].append(one)
        for name, found in lines.items():
            if pause():
                raise InterruptedError
            places.append(tables.put(name, movements(found, zone), firsts[name]))
    return places


def _remember(tables: SuppliesTables, seen: Mapping[int, Entry], lines: int) -> None:
    top = max(seen, default=0)
    tables.remember({n: _mark(one) for n, one in seen.items() if n > top - OVERLAP}, lines)


def _mark(entry: Entry) -> str:
    return hashlib.blake2b(repr(entry).encode(), digest_size=12).hexdigest()
