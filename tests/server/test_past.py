"""A day is judged by what was promised on it, whenever it is counted and whatever is posted now."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.server.usage.test_counting import reports
from tests.support.figures import station
from tests.support.places import REGIONS
from warmstation_server.accounts.audit import Author
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.hours import Hours
from warmstation_server.past import Amendment, Past
from warmstation_server.places import ChargerPlan
from warmstation_server.registry import Registry
from warmstation_server.registry.single import row
from warmstation_server.roster import Roster
from warmstation_server.usage.counting import Counting
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
MIDNIGHT = datetime(2026, 11, 15, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = MIDNIGHT + timedelta(days=3)
CHANGED = MIDNIGHT + timedelta(days=1, hours=12)
"""Noon of the second day."""
PLACE = station("aa", REGIONS[-1].id, hours="Mo-Su 08:00-20:00")


@pytest.fixture
def registry(schema: str) -> Iterator[Registry]:
    with closing(Registry.open(schema)) as found:
        found.put(REGIONS, [PLACE])
        yield found


def change(registry: Registry, at: datetime, **columns: Any) -> None:
    outcome = registry.take([row("station", {"id": "aa", **columns})], author=Author(at, "wang"))
    assert outcome.stations.changed == ("aa",)


def roster_of(registry: Registry) -> Roster:
    roster = Roster(registry, changes=registry.audit)
    roster.refresh()
    return roster


def days(folder: Path, history: SqliteHistory, roster: Roster) -> list[Sums]:
    folder.mkdir()
    rollup = Rollup(folder / "usage.db", ZONE.key)
    with closing(rollup):
        Counting(history, rollup, roster, ZONE).turn(NOW)
        found = rollup.by_day(["aa"], Period(MONDAY, MONDAY + 2 * DAY))
        return [Sums.of(total) for total in found.values()]


def test_hours_cut_short_today_do_not_make_yesterdays_promise_smaller(
    registry: Registry, tmp_path: Path
) -> None:
    roster = roster_of(registry)
    with closing(SqliteHistory(tmp_path / "h.db", ZONE, is_open=roster.is_posted_open)) as history:
        history.append(reports("aa", range(72), entered=0))
        before = days(tmp_path / "before", history, roster)
        assert [one.posted_ms for one in before] == [12 * 3_600_000] * 3
        change(registry, CHANGED, hours="Mo-Su 08:00-14:00", capacity=40, phone_chargers=5)
        assert roster.refresh()
        after = days(tmp_path / "after", history, roster)
    assert after[0] == before[0], "a day that is over is what it was"
    assert [one.posted_ms // 3_600_000 for one in after] == [12, 6, 6]
    assert [one.charger_posted_ms // 86_400_000 for one in after] == [2, 2, 5]
    assert after[2].seat_ms // after[2].people_measured_ms == 10, "40 in a quarter of the day"


def test_late_reports_are_judged_by_the_hours_that_were_posted_when_they_were_measured(
    registry: Registry,
) -> None:
    roster = roster_of(registry)
    change(registry, CHANGED, hours="Mo-Su 08:00-14:00")
    roster.refresh()
    local = {hour: MIDNIGHT + hour * HOUR for hour in (7, 9, 15, 21)}
    assert [roster.is_posted_open("aa", at) for at in local.values()] == [False, True, True, False]
    later = [at + timedelta(days=2) for at in local.values()]
    assert [roster.is_posted_open("aa", at) for at in later] == [False, True, False, False]


def test_a_roster_takes_in_only_what_is_new_and_forgets_nothing(registry: Registry) -> None:
    roster = roster_of(registry)
    for n, seats in enumerate((20, 30, 40)):
        change(registry, CHANGED + n * HOUR, capacity=seats)
        roster.refresh()
    change(registry, CHANGED + 4 * HOUR, address="elsewhere")
    roster.refresh()
    now = roster.stations["aa"]
    moments = [CHANGED + n * HOUR - timedelta(minutes=1) for n in range(5)]
    assert [roster.then(now, at).capacity for at in moments] == [12, 20, 30, 40, 40]
    again = roster_of(registry)
    assert [again.then(now, at) for at in moments] == [roster.then(now, at) for at in moments]


@pytest.mark.parametrize("seed", range(20))
def test_any_changes_taken_back_give_what_was_minute_by_minute(seed: int) -> None:
    rng = random.Random(seed)
    texts = ("Mo-Su 08:00-20:00", "Mo-Su 09:00-02:00", "24/7", "Mo-Fr 06:30-22:15", "off")
    known, was, amendments = [(MIDNIGHT, PLACE)], PLACE, []
    for number in range(4):
        at = known[-1][0] + timedelta(minutes=rng.randrange(1, 1500))
        made: dict[str, Any] = {
            "hours": rng.choice(texts),
            "capacity": rng.randrange(1, 50),
            "phone_chargers": rng.randrange(3),
        }
        columns = {"hours": was.hours, "capacity": was.capacity}
        columns["phone_chargers"] = sum(one.count for one in was.chargers)
        amendments.append(Amendment(number, "aa", at, columns))
        plans = (ChargerPlan("phone", made.pop("phone_chargers")),)
        was = replace(was, **made, chargers=tuple(one for one in plans if one.count))
        known.append((at, was))
    past = Past(rng.sample(amendments, 4))
    found = list(past.stretches(was, MIDNIGHT, known[-1][0] + HOUR))
    for minute in range(0, int((known[-1][0] - MIDNIGHT).total_seconds()) // 60, 7):
        at = MIDNIGHT + timedelta(minutes=minute)
        truly = [one for since, one in known if since <= at][-1]
        assert past.then(was, at) == truly
        (as_told,) = [one for begin, end, one in found if begin <= at < end]
        assert as_told == truly
        assert Hours(as_told.hours).is_open(at) == Hours(truly.hours).is_open(at)
