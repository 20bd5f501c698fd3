"""The district page of 1,000 stations over a year, as somebody sees it first.

The rollup is filled as `Counting` would: every station-day is one that `day_count` made of 24
hours. Then the whole answer is made (this year, the year before for 环比 and 同比, 1,000 lines,
heat map, trend) and the page rendered, nothing kept in memory from before. Times are of the wall.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.figures import city, district_of
from warmstation_server.exports.wanted import FORMS
from warmstation_server.history import Usage
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.day import DayCount, Promise, bounds, day_count, hours_of
from warmstation_server.usage.metric import METRICS
from warmstation_server.usage.period import DAY, Period, month_of
from warmstation_server.usage.recorded import RANKED
from warmstation_server.usage.rollup import Rollup
from warmstation_server.web.district.asked import Asked, presets
from warmstation_server.web.district.view import COLUMNS, facts
from warmstation_server.web.templates import environment
from warmstation_server.web.words import Words

ZONE = ZoneInfo("Asia/Shanghai")
PAGE = environment().get_template("district/figures.html")
LAST = date(2026, 11, 21)
STATIONS = 1000
RUNS = 3


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


def measure(stations: int = STATIONS) -> dict[str, float]:
    """Seconds, and bytes on disk."""
    regions, places = city(stations)
    period = Period(date(2025, 11, 22), LAST)
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="warmstation-bench-") as folder:
        path = Path(folder) / "usage.db"
        rollup = filled(path, [one.id for one in places], date(2024, 11, 1))
        size = path.stat().st_size
        took: list[float] = []
        used: list[float] = []
        for _ in range(RUNS):
            rollup.close()
            rollup = Rollup(path, ZONE.key)
            began, cpu = time.perf_counter(), time.process_time()
            rendered(district_of(rollup, ZONE).answer(places, regions, period, now))
            took.append(time.perf_counter() - began)
            used.append(time.process_time() - cpu)
        rollup.close()
    return {
        f"district_first_view_{stations}_stations_year_s": round(min(took), 3),
        f"district_first_view_{stations}_stations_year_cpu_s": round(min(used), 3),
        "district_rollup_mb_per_year": round(size / 2**20 / 2.05, 1),
    }


def rendered(answer: Answer) -> str:
    """The page, as a visitor with every right gets it."""
    words, period = Words("zh-CN"), answer.period
    asked = Asked(
        "12m", period, "", "", "visits", "hours_kept", tuple(answer.stations), answer.regions
    )
    return PAGE.render(
        asked=asked,
        answer=answer,
        shown=facts(answer, asked, words),
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
    return day_count(hours, Promise(12, 6, 4), span, ZONE)


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


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else STATIONS), indent=1))
