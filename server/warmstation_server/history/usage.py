"""What reports add up to: sums by quarter of an hour, exact and in any order of arrival.

Pure. Everything is an integer (ms, milli-°C, mW, mWh), so that adding what is late and taking
away what it replaces gives the very sums that the right order would have given.

A report stands for the time until the next one of its stream (by `seq`), at most HOLD. A counter's
rise counts in the quarter of the report that shows it; a report without the counter is skipped
over. The report with seq 1 counts from 0, for its stream was born with it; any other report with
none before it counts nothing, for what it shows may be months old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import add
from typing import NamedTuple

from warmstation_server.history import HOLD, Usage
from warmstation_server.history.codec import ENTERED, LEFT, PLUGGED

QUARTER_MS = 900_000
HOLD_MS = int(HOLD.total_seconds() * 1000)
WARM_C = 18.0
Sums = list[int]
"""One bucket, in the order of FIELDS."""
Buckets = dict[int, Sums]
"""Sums by the start of the bucket, ms since 1970."""
Shown = tuple[tuple[str, ...], tuple[float, ...]]
"""Counters as a report shows them: their keys (one object for all reports of a shape), and where
each stands; NaN = unknown."""

FIELDS = (
    "reports",
    "people_max",
    "measured_ms",
    "visits",
    "exits",
    "people_ms",
    "people_measured_ms",
    "temp_measured_ms",
    "warm_ms",
    "target_ms",
    "room_mc_ms",
    "heater_mw_ms",
    "in_use_ms",
    "serviceable_ms",
    "charger_mwh",
    "signs",
    "watched_ms",
    "counter_ms",
    "full_ms",
    "heater_measured_ms",
    "charger_known_ms",
    "sessions",
    "shelf_ms",
    "empty_ms",
)
LATER_FIELDS = FIELDS[FIELDS.index("signs") :]
"""What layout 1 did not have."""
_PEOPLE = {ENTERED: FIELDS.index("visits"), LEFT: FIELDS.index("exits")}
_CHARGER_MWH = FIELDS.index("charger_mwh")
_SESSIONS = FIELDS.index("sessions")
NOBODY = -1
"""`people_max` of a bucket in which nobody was counted at all (not even none)."""
EMPTY: Sums = [0, NOBODY] + [0] * (len(FIELDS) - 2)


class Facts(NamedTuple):
    """What of a report stands until the next one. None: not measured."""

    at_ms: int
    people: int | None
    room_mc: int | None
    """Only where the station is open; None outside its hours, where nobody asks for warmth."""
    is_warm: bool
    is_on_target: bool
    heater_mw: int | None
    in_use: int
    serviceable: int
    has_sign: bool = False
    """Whether it shows, in posted hours, that somebody uses the station."""
    is_watched: bool = False
    """Whether, in posted hours, a sensor would have noticed somebody."""
    is_counted: bool = False
    is_full: bool = False
    is_metered: bool = False
    """Whether the heater's power was known."""
    charger_known: int = 0
    shelf: int = 0
    """Supplies with a known level, in posted hours; `empty`: those that are empty."""
    empty: int = 0


def bucket(buckets: Buckets, start: int) -> Sums:
    """The sums of one bucket, made where there were none."""
    sums = buckets.get(start)
    if sums is None:
        sums = buckets[start] = EMPTY.copy()
    return sums


def add_report(buckets: Buckets, facts: Facts) -> None:
    """Count one more report and the people it saw."""
    _add_seen(bucket(buckets, facts.at_ms - facts.at_ms % QUARTER_MS), facts)


def add_next(buckets: Buckets, before: Facts, facts: Facts) -> None:
    """Count the report after `before`, and the time that this one stood for until then."""
    at, since = facts.at_ms, before.at_ms
    start = at - at % QUARTER_MS
    sums = bucket(buckets, start)
    _add_seen(sums, facts)
    if start <= since <= at <= since + HOLD_MS:  # nearly always
        _add_time(sums, before, at - since)
    else:
        add_stand(buckets, before, at)


def _add_seen(sums: Sums, facts: Facts) -> None:
    sums[0] += 1
    sums[15] += facts.has_sign
    people = facts.people
    if people is not None and people > sums[1]:
        sums[1] = people


def add_stand(buckets: Buckets, facts: Facts, until_ms: int | None, sign: int = 1) -> None:
    """Add (or with sign -1 take away) the time that a report stands for."""
    at = facts.at_ms
    end = at + HOLD_MS
    if until_ms is not None and until_ms < end:
        end = until_ms
    while at < end:
        start = at - at % QUARTER_MS
        stop = start + QUARTER_MS
        if stop > end:
            stop = end
        _add_time(bucket(buckets, start), facts, sign * (stop - at))
        at = stop


def _add_time(sums: Sums, facts: Facts, ms: int) -> None:
    (_, people, room_mc, is_warm, is_on_target, heater_mw, in_use, serviceable,
     _, is_watched, is_counted, is_full, is_metered, charger_known, shelf,
     empty) = facts  # fmt: skip
    sums[2] += ms
    if people is not None:
        sums[5] += people * ms
        sums[6] += ms
    if room_mc is not None:
        sums[7] += ms
        sums[10] += room_mc * ms
        if is_warm:
            sums[8] += ms
        if is_on_target:
            sums[9] += ms
    if heater_mw:
        sums[11] += heater_mw * ms
    if charger_known:  # else none of them is in use or serviceable
        sums[12] += in_use * ms
        sums[13] += serviceable * ms
        sums[20] += charger_known * ms
    if is_metered:
        sums[19] += ms
    if is_watched:
        sums[16] += ms
    if is_counted:
        sums[17] += ms
    if is_full:
        sums[18] += ms
    if shelf:
        sums[22] += shelf * ms
        sums[23] += empty * ms


def risen(key: str, was: float, value: float) -> int:
    """What a counter rose by: crossings, sessions or mWh; a counter that fell did not rise."""
    if value <= was:
        return 0
    if key in _PEOPLE or key[0] == PLUGGED:
        return int(value - was)
    return round(value * 1000) - round(was * 1000)


def add_rise(buckets: Buckets, key: str, at_ms: int, rise: int) -> None:
    """Add what a counter rose by, in the quarter of the report that shows it."""
    if rise:
        field = _SESSIONS if key[0] == PLUGGED else _PEOPLE.get(key, _CHARGER_MWH)
        bucket(buckets, at_ms - at_ms % QUARTER_MS)[field] += rise


def merge(into: Sums, more: Iterable[int]) -> None:
    """Add one bucket to another."""
    most = into[1]
    into[:] = map(add, into, more)
    into[1] = max(most, into[1] - most)


def merged(parts: Sequence[Sums]) -> Sums:
    """One bucket of all parts; there is at least one."""
    if len(parts) == 1:
        return parts[0]
    sums = list(map(sum, zip(*parts, strict=True)))
    sums[1] = max(part[1] for part in parts)
    return sums


def listed(buckets: Buckets) -> list[Usage]:
    """Buckets as the rest of the server reads them, rising; empty ones are left out."""
    return [usage(start, sums) for start, sums in sorted(buckets.items()) if sums != EMPTY]


def usage(start_ms: int, sums: Iterable[int]) -> Usage:
    """A bucket as the rest of the server reads it."""
    (reports, most, measured, visits, exits, people, people_measured, temp, warm, target, room,
     heater, in_use, serviceable, charger, signs, watched, counter, full, heater_measured,
     charger_known, sessions, shelf, empty) = sums  # fmt: skip
    return Usage(
        start=datetime.fromtimestamp(start_ms / 1000, UTC),
        reports=int(reports),
        measured_s=measured / 1e3,
        visits=int(visits),
        exits=int(exits),
        people_s=people / 1e3,
        people_measured_s=people_measured / 1e3,
        people_max=None if most == NOBODY else most,
        temp_measured_s=temp / 1e3,
        warm_s=warm / 1e3,
        target_s=target / 1e3,
        room_c_s=room / 1e6,
        heater_wh=heater / 3.6e9,
        charger_in_use_s=in_use / 1e3,
        charger_serviceable_s=serviceable / 1e3,
        charger_wh=charger / 1e3,
        signs=int(signs),
        watched_s=watched / 1e3,
        counter_s=counter / 1e3,
        full_s=full / 1e3,
        heater_measured_s=heater_measured / 1e3,
        charger_known_s=charger_known / 1e3,
        sessions=int(sessions),
        shelf_s=shelf / 1e3,
        empty_s=empty / 1e3,
    )
