"""Usage as it lies in InfluxDB: absolute sums that are written over, and those known by heart.

A bucket's points are never added to by the server: what is written is the whole sum, so that
writing it twice changes nothing. For that the sum must be known: of what is live it is known from
the last flush, of what is late it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, get_args

from warmstation_server.history import Step
from warmstation_server.history.book import Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.influx_door import Door, Row, time_ns
from warmstation_server.history.influx_lines import SUMS, USAGE
from warmstation_server.history.usage import EMPTY, Buckets, Sums, merge

STEPS: tuple[Step, ...] = get_args(Step)
_KEPT_MS: Mapping[Step, int] = {"quarter": 900_000, "hour": 3_600_000, "day": 90_000_000}
"""How far behind a station's newest bucket one is still known by heart."""

_OF_ALL = """from(bucket: bucket)
  |> range(start: time(v: start), stop: time(v: stop))
  |> filter(fn: (r) => r._measurement == measurement and r._field == field)
"""
_CELLS = """  |> group()
  |> keep(columns: ["_time", "_value", "district", "station"])"""
_AT_ONCE = 100
"""Stations that one question names. `contains` would be shorter, and reads every station's points:
a hundred of two hundred stations took it minutes; equality is looked up in the index."""


class Key(NamedTuple):
    """A bucket of a station. A station that moved has points in both its districts."""

    step: Step
    start: int
    district: str


Sheet = dict[Key, Sums]


class Stored:
    """Sums in the bucket that is kept."""

    def __init__(self, door: Door, bucket: str) -> None:
        self._door, self._bucket = door, bucket

    def of(
        self, stations: Collection[str], known: int, start_ms: int, end_ms: int, step: Step
    ) -> dict[str, Sheet]:
        """The stored sums of these stations (out of `known` ones)."""
        found: dict[str, Sheet] = {}
        if not stations or start_ms >= end_ms:
            return found
        starts: dict[str, int] = {}
        for row in self._rows(stations, known, start_ms, end_ms, step):
            at = row["_time"]
            start = starts.get(at)
            if start is None:
                start = starts[at] = time_ns(at) // 1_000_000
            sums = [int(number) for number in row["_value"].split(" ")]
            found.setdefault(row["station"], {})[Key(step, start, row["district"])] = sums
        return found

    def _rows(
        self, stations: Collection[str], known: int, start_ms: int, end_ms: int, step: Step
    ) -> Iterator[Row]:
        params: dict[str, object] = {
            "bucket": self._bucket,
            "start": start_ms * 1_000_000,
            "stop": end_ms * 1_000_000,
            "measurement": USAGE[step],
            "field": SUMS,
        }
        if 2 * len(stations) > known > _AT_ONCE:
            wanted = set(stations)
            rows = self._door.rows(_OF_ALL + _CELLS, params)
            yield from (row for row in rows if row["station"] in wanted)
            return
        names = list(stations)
        for first in range(0, len(names), _AT_ONCE):
            some = {f"s{at}": name for at, name in enumerate(names[first : first + _AT_ONCE])}
            these = " or ".join(f"r.station == {name}" for name in some)
            flux = f"{_OF_ALL}  |> filter(fn: (r) => {these})\n{_CELLS}"
            yield from self._door.rows(flux, params | some)


class Known:
    """Sums that are known by heart, by station. Its user holds the lock while it changes."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.sheets: dict[Station, Sheet] = {}
        self._tops: dict[tuple[Station, Step, str], int] = {}
        """The newest bucket that was ever written: what is newer has no sums stored."""

    def begin(self, station: Station) -> None:
        """A station that nothing was stored of: all its sums are known, and empty."""
        for step in STEPS:
            self._tops[station, step, ""] = -1

    def added(self, station: Station, district: str) -> Sheet:
        """What a station's quarters add to its buckets of every step."""
        sheet: Sheet = {}
        for quarter, sums in station.buckets.items():
            for step in STEPS:
                key = Key(step, self._calendar.start(quarter, step), district)
                if key in sheet:
                    merge(sheet[key], sums)
                else:
                    sheet[key] = sums.copy()
        return sheet

    def lacks(self, station: Station, sheet: Iterable[Key]) -> list[Key]:
        """Which sums must be asked for; those that cannot be stored yet are known to be empty."""
        mine = self.sheets.setdefault(station, {})
        missing = []
        for key in sheet:
            if key in mine:
                continue
            top = self._tops.get((station, key.step, key.district))
            if top is None:
                top = self._tops.get((station, key.step, ""))
            if top is not None and key.start > top:
                mine[key] = EMPTY.copy()
            else:
                missing.append(key)
        return missing

    def learn(self, station: Station, keys: Iterable[Key], stored: Sheet) -> None:
        """Take in what was asked for; what is not stored is empty."""
        mine = self.sheets.setdefault(station, {})
        for key in keys:
            mine[key] = stored.get(key) or EMPTY.copy()

    def sums(self, station: Station, sheet: Sheet) -> Sheet:
        """What the buckets come to with this added."""
        mine = self.sheets[station]
        total: Sheet = {}
        for key, more in sheet.items():
            total[key] = mine[key].copy()
            merge(total[key], more)
        return total

    def settle(self, station: Station, total: Sheet) -> None:
        """These sums stand from now on."""
        self.sheets[station].update(total)
        for step, start, district in total:
            place = station, step, district
            self._tops[place] = max(start, self._tops.get(place, start))

    def trim(self, station: Station) -> None:
        """Forget what is written and lies far behind."""
        mine = self.sheets[station]
        gone = [
            key
            for key in mine
            if key.start + _KEPT_MS[key.step] < self._tops[station, key.step, key.district]
        ]
        for key in gone:
            del mine[key]


def together(sheet: Mapping[Key, Sums]) -> Buckets:
    """A station's buckets of one step, whatever district they were counted in."""
    found: Buckets = {}
    for key, sums in sheet.items():
        if key.start in found:
            merge(found[key.start], sums)
        else:
            found[key.start] = sums.copy()
    return found
