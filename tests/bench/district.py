"""The district page of 1,000 stations over a year, as somebody sees it first.

The rollup is filled as `Counting` would: every station-day is one that `day_count` made of 24
hours. The registry holds two years of a ledger (416,000 lines a year) and of alerts (20 a station
and year). Then the whole answer is made (this year, the year before for 环比 and 同比, 1,000 lines,
heat map, trend, supplies, alerts) and the page rendered. Nothing is kept in memory from before but
the alerts of both years, which the thread that counts reads once a minute. Times are of the wall,
and of the processor where they say so; `of_it_*` are parts of the first.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.bench import yardstick
from tests.bench.district_records import registry
from tests.support.figures import Promised, city
from warmstation_server.exports.wanted import FORMS
from warmstation_server.history import Usage
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.places import Region, Station
from warmstation_server.registry import Registry
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.counting import Counting
from warmstation_server.usage.day import DayCount, Promise, bounds, day_count, hours_of
from warmstation_server.usage.district import LOOKED_BACK, District
from warmstation_server.usage.metric import METRICS
from warmstation_server.usage.period import DAY, Period, month_of
from warmstation_server.usage.recorded import RANKED
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.supplies_sums import SuppliesSums
from warmstation_server.web.district.asked import Asked, presets
from warmstation_server.web.district.view import COLUMNS, facts
from warmstation_server.web.templates import environment
from warmstation_server.web.words import Words

ZONE = ZoneInfo("Asia/Shanghai")
PAGE = environment().get_template("district/figures.html")
LAST = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATIONS = 1000
LINES, ALERTS = 416, 20
RUNS = 3
USAGE, SUPPLIES = "usage.db", "usage-supplies.db"


def some_days(count: int) -> list[DayCount]:
    """Station-days of all kinds."""
    chance = random.Random(5)
    return [_a_day(chance) for _ in range(count)]


def filled(path: Path, names: list[str], first: date) -> Rollup:
    """A rollup of every day until LAST."""
    rollup, kinds, chance = Rollup(path, ZONE.key), some_days(500), random.Random(6)
    day = first
    while day <= LAST:
        rollup.put(day, {name: chance.choice(kinds) for name in names}, "x")
        day += DAY
        if day.day == 1:
            rollup.close_month(month_of(day - DAY))
    return rollup


def measure(stations: int = STATIONS, lines: int = LINES, alerts: int = ALERTS) -> dict[str, float]:
    """Seconds, and bytes on disk. `lines` and `alerts`: of a station in a year."""
    regions, places = city(stations)
    period, now = Period(date(2025, 11, 22), LAST), NOW
    with tempfile.TemporaryDirectory(prefix="warmstation-bench-") as name:
        folder = Path(name)
        filled(folder / USAGE, [one.id for one in places], date(2024, 11, 1)).close()
        with closing(registry(folder, regions, places, now, lines, alerts)) as records:
            began = time.process_time()
            with _opened(folder, records) as district:
                district.read(now)
            built = time.process_time() - began
            runs = [_one_run(folder, records, regions, places, period, now) for _ in range(RUNS)]
        best = {key: min(run[key] for run in runs) for key in runs[0]}
        sizes = {one: (folder / one).stat().st_size / 2**20 for one in (USAGE, SUPPLIES)}
    view = f"district_first_view_{stations}_stations_year"
    return yardstick.measure() | {
        f"{view}_s": round(best["wall"], 3),
        f"{view}_cpu_s": round(best["cpu"], 3),
        f"{view}_of_it_supplies_s": round(best["supplies"], 3),
        f"{view}_of_it_alerts_s": round(best["alerts"], 3),
        "district_ledger_lines": 2 * lines * stations,
        "district_supplies_made_anew_cpu_s": round(built, 1),
        "district_rollup_mb_per_year": round(sizes[USAGE] / 2.05, 1),
        "district_supplies_mb_per_year": round(sizes[SUPPLIES] / 2, 1),
    }


def _one_run(
    folder: Path,
    records: Registry,
    regions: dict[str, Region],
    places: list[Station],
    period: Period,
    now: datetime,
) -> dict[str, float]:
    names = [one.id for one in places]
    with _opened(folder, records) as district:
        began, cpu = time.perf_counter(), time.process_time()
        rendered(district.answer(places, regions, period, now))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    with _opened(folder, records) as district:
        began = time.perf_counter()
        district.supplies.during(names, (period, period.previous, period.last_year))
        supplied = time.perf_counter()
        for one in {period, period.previous, period.last_year}:
            district.records.alarms(*district.span(one))
        told = time.perf_counter()
    return {"wall": wall, "cpu": cpu, "supplies": supplied - began, "alerts": told - supplied}


@contextmanager
def _opened(folder: Path, records: Registry) -> Iterator[District]:
    rollup = Rollup(folder / USAGE, ZONE.key)
    supplies = SuppliesSums(folder / SUPPLIES, ZONE, records.supplies)
    counting = Counting(MemoryHistory(ZONE), rollup, Promised({}), ZONE)
    with closing(rollup), closing(supplies):
        found = District(rollup, counting, records.records, supplies, ZONE)
        found.records.alarms(NOW - LOOKED_BACK, NOW)
        yield found


def rendered(answer: Answer) -> str:
    """The page, as a visitor with every right gets it."""
    words, period = Words("zh-CN"), answer.period
    asked = Asked(
        "12m", period, "", "", "visits", "hours_kept", tuple(answer.stations), answer.regions
    )
    return PAGE.render(
        asked=asked,
        answer=answer,
        shown=facts(answer, asked, NOW.date(), words),
        regions=[],
        hosts_known=[],
        presets=presets(),
        metrics=METRICS,
        ranks=RANKED.values(),
        columns=COLUMNS,
        forms=FORMS,
        visit=None,
        room=None,
        rooms=(),
        csrf="",
        t=words,
        lang="zh-CN",
        site="-",
        zone=ZONE.key,
        asset=str,
        version="",
        rendered="",
        taken="",
        here="/district",
        url=str,
        other=("en", "/en"),
    )


def _a_day(chance: random.Random) -> DayCount:
    span = bounds(LAST, ZONE)
    starts = [span[0] + timedelta(hours=n) for n in range(24)]
    found = {at: _an_hour(chance, at) for at in starts}
    posted = [(starts[8], starts[20])]
    hours = hours_of(span, found, posted, span[1])
    return day_count(hours, Promise(12, 6, 4), span[1] - span[0], ZONE)


def _an_hour(chance: random.Random, at: datetime) -> Usage:
    visits = chance.randrange(9)
    return Usage(
        start=at,
        reports=60,
        measured_s=3600,
        visits=visits,
        exits=visits,
        people_s=visits * 900.0,
        people_measured_s=3600,
        people_max=visits,
        temp_measured_s=3600,
        warm_s=3000,
        target_s=2000,
        room_c_s=19.0 * 3600,
        heater_wh=900,
        charger_in_use_s=chance.randrange(18_000),
        charger_serviceable_s=21_600,
        charger_wh=40,
        signs=visits,
        watched_s=3600,
        counter_s=3600,
        heater_measured_s=3600,
        charger_known_s=21_600,
        sessions=visits,
        shelf_s=14_400,
        empty_s=100,
    )
