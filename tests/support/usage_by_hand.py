"""What reports add up to, worked out as plainly as can be: every report, every quarter, by hand.

Knows no runs, no chunks and no sums that are kept: it looks at all reports of a stream at once.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.history import HOLD, Received, Step, Usage
from warmstation_wire import Charger, Climate, Door, People, Report, Supply

SEATS, TARGET_C = 12, 20.0
QUARTER = timedelta(minutes=15)
FIELDS = tuple(one.name for one in fields(Usage) if one.name not in ("start", "people_max"))
IsOpen = Callable[[str, datetime], bool]
Key = tuple[str, datetime]
"""A station and when a bucket begins."""
Sheet = dict[Key, dict[str, float]]
_STATES = ("available", "charging", "inoperative", "outoforder", "unknown")
_STEPS_S = (30, 60, 60, 60, 240, 299, 300, 301, 600, 3_600, 14_400, -1_800, 0, 0.25, 12.345)


def lived(rng: random.Random, names: Iterable[str], begin: datetime, days: int) -> list[Received]:
    """Stations as they may be: streams that end, clocks set back, sensors that come and go."""
    return [
        Received(one, "kunshan", one.measured_at + timedelta(seconds=1))
        for name in names
        for number in range(rng.randrange(1, 4))
        for one in _stream(rng, name, number, begin + timedelta(days=days) * rng.random())
    ]


def _stream(rng: random.Random, name: str, number: int, at: datetime) -> Iterator[Report]:
    seq, entered, energy_wh = rng.choice((1, 1, rng.randrange(2, 500))), rng.randrange(50), 0.0
    at = at.replace(microsecond=0)
    for left in range(rng.randrange(1, 60)):
        at += timedelta(seconds=rng.choice(_STEPS_S))
        seq += rng.choice((1, 1, 1, 1, 2, 5, 64))
        entered = 0 if rng.random() < 0.03 else entered + rng.choice((0, 0, 1, 3))
        energy_wh += 5 * rng.random()
        yield Report(
            station=name,
            stream=f"abc{number}",
            seq=seq,
            measured_at=at,
            clock="synced",
            people=rng.choice((None, *[_people(rng, entered, left)] * 9)),
            climate=rng.choice((None, *[_climate(rng)] * 9)),
            door=rng.choice((None, *[Door(open=rng.random() < 0.5)] * 9)),
            chargers=tuple(_charger(rng, n, energy_wh) for n in range(rng.randrange(3))),
            supplies=tuple(
                Supply(item=item, level=rng.choice((None, 0.0, 0.029, 0.03, 0.5)))
                for item in rng.sample(("water", "noodles"), rng.randrange(3))
            ),
        )


def _people(rng: random.Random, entered: int, left: int) -> People:
    inside, is_there = rng.choice((None, 0, 3, 12, 15)), rng.choice((None, True, False))
    shown = rng.choice((None, entered, entered, entered))
    return People(inside=inside, entered=shown, left=left, present=is_there)


def _climate(rng: random.Random) -> Climate:
    room, power = (
        rng.choice((None, 17.999, 18.0, 20.0, -5.5, 19.812)),
        rng.choice((None, 0.0, 1480.3)),
    )
    return Climate(room_c=room, heater_w=power, heating="on")


def _charger(rng: random.Random, number: int, energy_wh: float) -> Charger:
    shown, state = rng.choice((None, energy_wh)), rng.choice(_STATES)
    return Charger(id=f"p{number}", kind="phone", state=state, energy_wh=shown)  # type: ignore[arg-type]


def by_hand(reports: Iterable[Received], is_open: IsOpen) -> tuple[Sheet, dict[Key, int]]:
    """All quarters: what they add up to, and the most people in each."""
    streams: dict[tuple[str, str], dict[int, Report]] = defaultdict(dict)
    for one in (received.report for received in reports):
        streams[one.station, one.stream].setdefault(one.seq, one)
    sheet: Sheet = defaultdict(lambda: dict.fromkeys(FIELDS, 0.0))
    most: dict[Key, int] = {}
    for (station, stream), by_seq in streams.items():
        ordered = [by_seq[seq] for seq in sorted(by_seq)]
        begins = [
            found[min(found)].measured_at
            for (name, other), found in streams.items()
            if name == station and other != stream
        ]
        ends = [one.measured_at for one in ordered[1:]]
        ends.append(min((at for at in begins if at > ordered[-1].measured_at), default=_NEVER))
        shown: dict[str, float] = {}
        for one, end in zip(ordered, ends, strict=True):
            _add_moment(sheet, most, one, shown, is_open)
            _add_time(sheet, one, min(end, one.measured_at + HOLD), is_open)
    return sheet, most


_NEVER = datetime(2999, 1, 1, tzinfo=UTC)


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def _add_moment(
    sheet: Sheet, most: dict[Key, int], one: Report, shown: dict[str, float], is_open: IsOpen
) -> None:
    key = one.station, _quarter(one.measured_at)
    sums, people = sheet[key], one.people
    sums["reports"] += 1
    if people is not None and people.inside is not None:
        most[key] = max(most.get(key, 0), people.inside)
    is_sign = (one.door is not None and one.door.open) or (people is not None and people.present)
    sums["signs"] += bool(is_sign and is_open(one.station, one.measured_at))
    for counter, field, value in _counters(one):
        was = shown.get(counter, 0.0 if one.seq == 1 else None)
        if was is not None and value > was:
            sums[field] += value - was
        shown[counter] = value


def _counters(one: Report) -> Iterator[tuple[str, str, float]]:
    if one.people is not None and one.people.entered is not None:
        yield "entered", "visits", one.people.entered
    if one.people is not None and one.people.left is not None:
        yield "left", "exits", one.people.left
    for charger in one.chargers or ():
        if charger.energy_wh is not None:
            yield f"{charger.id} Wh", "charger_wh", round(charger.energy_wh, 3)
        if charger.state != "unknown":
            yield f"{charger.id} plugged", "sessions", charger.state == "charging"


def _add_time(sheet: Sheet, one: Report, end: datetime, is_open: IsOpen) -> None:
    at, stands = one.measured_at, _stands(one, open_=is_open(one.station, one.measured_at))
    while at < end:
        stop = min(end, _quarter(at) + QUARTER)
        for field, times in stands.items():
            sheet[one.station, _quarter(at)][field] += times * (stop - at).total_seconds()
        at = stop


def _stands(one: Report, *, open_: bool) -> Mapping[str, float]:
    """How much of each sum a second of this report is worth."""
    people, climate, states = one.people, one.climate, [c.state for c in one.chargers or ()]
    inside = None if people is None else people.inside
    entered = None if people is None else people.entered
    present = None if people is None else people.present
    room = None if climate is None or not open_ else climate.room_c
    power = None if climate is None else climate.heater_w
    levels = [s.level for s in one.supplies or () if s.level is not None and open_]
    is_watched = open_ and not (entered is None and one.door is None and present is None)
    return {
        "measured_s": 1,
        "people_s": inside or 0,
        "people_measured_s": inside is not None,
        "full_s": inside is not None and inside >= SEATS,
        "temp_measured_s": room is not None,
        "room_c_s": room or 0.0,
        "warm_s": room is not None and room >= 18.0,
        "target_s": room is not None and room >= TARGET_C,
        "heater_wh": (power or 0.0) / 3600,
        "heater_measured_s": power is not None,
        "charger_in_use_s": states.count("charging"),
        "charger_serviceable_s": states.count("charging") + states.count("available"),
        "charger_known_s": len(states) - states.count("unknown"),
        "watched_s": is_watched,
        "counter_s": entered is not None,
        "shelf_s": len(levels),
        "empty_s": sum(level < 0.03 for level in levels),
    }


def in_steps(sheet: Sheet, step: Step, zone: ZoneInfo) -> Sheet:
    """Quarters added up to hours of UTC or to local days; what is empty is left out."""
    found: Sheet = defaultdict(lambda: dict.fromkeys(FIELDS, 0.0))
    for (station, quarter), sums in sheet.items():
        for field, value in sums.items():
            found[station, begin_of(quarter, step, zone)][field] += value
    return {key: sums for key, sums in found.items() if any(sums.values())}


def begin_of(quarter: datetime, step: Step, zone: ZoneInfo) -> datetime:
    """Where the bucket begins that a quarter lies in."""
    if step == "quarter":
        return quarter
    if step == "hour":
        return quarter.replace(minute=0)
    local = quarter.astimezone(zone)
    return local.replace(hour=0, minute=0, fold=0).astimezone(UTC)
