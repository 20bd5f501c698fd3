"""Stations that move, end and come back: every hour counts once, where the station was then.

Held to a clerk who goes through the days hour by hour with the list of what was done.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.usage.test_counting import reports
from tests.support.figures import ListedLedger, Written, station
from warmstation_server.accounts.audit import Author
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.places import Region, Text
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.usage.answer import Step
from warmstation_server.usage.counting import Counting
from warmstation_server.usage.district import District
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.response import Alarm
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums
from warmstation_server.usage.supplies_sums import SuppliesSums

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
MIDNIGHT = datetime(2026, 11, 15, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = 6
NOW = MIDNIGHT + DAYS * DAY
STREETS = ("north", "south", "west")
REGIONS = [
    Region("city", Text("市", "City"), "city"),
    *(Region(one, Text(one), "street", "city") for one in STREETS),
]
NAMES = ("aa", "bb", "cc")
PLACES = [station(name, STREETS[n]) for n, name in enumerate(NAMES)]
PERIOD = Period(MONDAY, MONDAY + (DAYS - 1) * DAY)


@dataclass
class City:
    """A registry with its history; what is done is done at a moment."""

    registry: Registry
    history: SqliteHistory
    roster: Roster
    district: District

    @classmethod
    def at(cls, folder: Path) -> City:
        registry = Registry.open(folder / "registry.db")
        registry.put(REGIONS, PLACES)
        roster = Roster(registry, changes=registry.audit)
        roster.refresh()
        history = SqliteHistory(folder / "h.db", ZONE, is_open=roster.is_posted_open)
        rollup = Rollup(folder / "usage.db", ZONE.key)
        counting = Counting(history, rollup, roster, ZONE)
        supplies = SuppliesSums(None, ZONE, ListedLedger([]))
        return cls(registry, history, roster, District(rollup, counting, Written(), supplies, ZONE))

    def move(self, name: str, region: str, at: datetime) -> None:
        self.registry.change("station", name, {"region": region}, Author(at, "wang"))

    def retire(self, name: str, at: datetime, said_at: datetime | None = None) -> None:
        self.registry.lives.retire(name, at, "winter is over", Author(said_at or at, "wang"))

    def bring_back(self, name: str, at: datetime, said_at: datetime | None = None) -> None:
        self.registry.lives.bring_back(name, at, Author(said_at or at, "wang"))

    def counted(self) -> City:
        self.roster.refresh()
        self.district.counting.turn(NOW)
        return self

    def visits(self, region: str = "", period: Period = PERIOD) -> dict[str, int]:
        """By region, and all together."""
        places = list(self.roster.known.values())
        answer = self.district.answer(
            places, self.roster.regions, period, NOW, region, "street", waits=True
        )
        found = {line.group.id: line.sums.visits for line in answer.regional}
        return found | {"": answer.sums.visits}

    def close(self) -> None:
        self.history.close()
        self.district.rollup.close()
        self.registry.close()


@pytest.fixture
def city(tmp_path: Path) -> City:
    found = City.at(tmp_path)
    for name in NAMES:
        found.history.append(reports(name, range(DAYS * 24)))
    return found.counted()


def day(number: int, hour: float = 0) -> datetime:
    return MIDNIGHT + number * DAY + hour * HOUR


def test_a_day_counts_to_the_region_in_which_it_began(city: City) -> None:
    with closing(city):
        each = city.visits()["north"] // DAYS
        assert each > 20
        city.move("aa", "south", day(2, 15))
        city.counted()
        assert city.visits() == {
            "north": 3 * each,
            "south": 9 * each,
            "west": 6 * each,
            "": 18 * each,
        }
        assert city.visits("north") == {"north": 3 * each, "": 3 * each}
        assert city.visits("south")[""] == 9 * each
        later = Period(MONDAY + 3 * DAY, PERIOD.last)
        assert city.visits("north", later) == {"": 0}
        assert city.visits("south", later)[""] == 6 * each


def test_the_days_of_a_region_are_those_of_its_total(city: City) -> None:
    with closing(city):
        city.move("aa", "south", day(2, 15))
        city.counted()
        places, regions = list(city.roster.known.values()), city.roster.regions
        answer = city.district.answer(places, regions, PERIOD, NOW, "north")
        assert [step.sums.days for step in answer.trend] == [1, 1, 1]
        assert answer.sums == sum_of(answer.trend)
        assert answer.heat.row(0)[9].visits == answer.trend[0].sums.visits // 12
        assert [one.group.id for one in answer.single] == ["aa"]
        assert city.district.chosen(places, regions, "north", "", PERIOD) == [
            city.roster.known["aa"]
        ]
        holds = city.district.counts_on(places, regions, "north", PERIOD)
        assert [holds("aa", one) for one in PERIOD] == [True] * 3 + [False] * 3


def sum_of(steps: Sequence[Step]) -> Sums:
    return Sums(*(sum(values) for values in zip(*(one.sums for one in steps), strict=True)))


def test_an_alert_counts_where_the_station_stood_when_it_fired(city: City) -> None:
    with closing(city):
        records = city.district.records
        assert isinstance(records, Written)
        records.fired += [
            Alarm(f"a{n}", "aa", "heating.no_heat", "critical", day(n, 12)) for n in range(DAYS)
        ]
        city.move("aa", "south", day(2, 15))
        city.counted()
        places, regions = list(city.roster.known.values()), city.roster.regions
        answer = city.district.answer(places, regions, PERIOD, NOW)
        found = {line.group.id: line.response.alerts for line in answer.regional}
        assert found == {"north": 3, "south": 3, "west": 0}
        north = city.district.answer(places, regions, PERIOD, NOW, "north")
        assert [one.id for one in north.alarms] == ["a0", "a1", "a2"]


def test_what_is_measured_where_no_station_is_any_more_counts_to_nobody(city: City) -> None:
    with closing(city):
        each = city.visits()["north"] // DAYS
        city.retire("aa", day(3))
        city.counted()
        assert city.visits()["north"] == 3 * each
        places, regions = list(city.roster.known.values()), city.roster.regions
        answer = city.district.answer(places, regions, PERIOD, NOW)
        sums = answer.by_station["aa"]
        assert (sums.days, sums.posted_ms) == (3, 3 * 12 * 3_600_000)
        assert sums.elapsed_ms == sums.counter_ms == 3 * 86_400_000
        gone = Period(MONDAY + 3 * DAY, PERIOD.last)
        after = city.district.answer(places, regions, gone, NOW)
        assert [one.id for one in after.stations] == ["bb", "cc"]
        assert after.previous.sums.visits == 9 * each, "what closed since is not left out of then"


def test_an_end_dated_back_is_counted_again_and_taken_back_leaves_no_trace(city: City) -> None:
    with closing(city):
        before = city.visits()
        places, regions = list(city.roster.known.values()), city.roster.regions
        sums = city.district.answer(places, regions, PERIOD, NOW).sums
        city.retire("aa", day(1), said_at=NOW)
        assert city.counted().visits()["north"] < before["north"] // 3
        city.bring_back("aa", day(1), said_at=NOW)
        assert city.counted().visits() == before
        assert city.district.answer(places, regions, PERIOD, NOW).sums == sums


@pytest.mark.parametrize("seed", range(6))
def test_any_life_of_a_city_is_what_a_clerk_adds_up(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    with closing(City.at(tmp_path)) as city:
        for name in NAMES:
            city.history.append(reports(name, range(DAYS * 24), entered=rng.randrange(1, 6)))
        stood = {name: [(MIDNIGHT - DAY, STREETS[n])] for n, name in enumerate(NAMES)}
        away: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        at = MIDNIGHT
        for _ in range(14):
            at += timedelta(minutes=rng.randrange(10, 11 * 60))
            name = rng.choice(NAMES)
            gone = bool(away[name]) and away[name][-1][1] > NOW
            if rng.random() < 0.4 and not gone:
                region = rng.choice([one for one in STREETS if one != stood[name][-1][1]])
                city.move(name, region, at)
                stood[name].append((at, region))
            elif gone:
                since = rng.choice((at, max(away[name][-1][0], at - 9 * HOUR), away[name][-1][0]))
                city.bring_back(name, since, said_at=at)
                away[name][-1] = away[name][-1][0], since
            else:
                since = at - rng.choice((0, 0, 7, 30)) * HOUR
                city.retire(name, since, said_at=at)
                away[name].append((since, NOW + DAY))
            if rng.random() < 0.3:
                city.counted()
        city.counted()
        expected = _by_clerk(city.history, stood, away)
        found = city.visits()
        assert {key: one for key, one in found.items() if one and key} == expected
        assert found[""] == sum(expected.values())
        for street in STREETS:
            assert city.visits(street)[""] == expected.get(street, 0)
        first = Period(MONDAY, MONDAY + 2 * DAY)
        rest = Period(MONDAY + 3 * DAY, PERIOD.last)
        halves = [city.visits(period=half) for half in (first, rest)]
        for street in STREETS:
            assert sum(one.get(street, 0) for one in halves) == expected.get(street, 0)


def _by_clerk(
    history: SqliteHistory,
    stood: dict[str, list[tuple[datetime, str]]],
    away: dict[str, list[tuple[datetime, datetime]]],
) -> dict[str, int]:
    """Hour by hour: was it a station at any minute of it, and where did its day begin?"""
    found: dict[str, int] = defaultdict(int)
    for name in NAMES:
        (hours,) = history.usage([name], MIDNIGHT, NOW, "hour").values()
        for hour in hours:
            minutes = [hour.start + timedelta(minutes=n) for n in range(60)]
            is_one = any(
                not any(start <= minute < end for start, end in away[name]) for minute in minutes
            )
            began = MIDNIGHT + (hour.start - MIDNIGHT) // DAY * DAY
            region = [street for since, street in stood[name] if since <= began][-1]
            if is_one and hour.visits:
                found[region] += hour.visits
    return dict(found)
