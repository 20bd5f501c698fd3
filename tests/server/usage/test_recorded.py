"""Alerts answered and supplies used, with the same comparisons as what sensors measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.figures import Written, district_of, station
from warmstation_dashboards.resources import LANGUAGES
from warmstation_server.places import Region, Text
from warmstation_server.supplies.entry import Entry
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.day import DayCount
from warmstation_server.usage.metric import BY_KEY, METRICS, Figure, change, figure
from warmstation_server.usage.period import MOST_DAYS, Period
from warmstation_server.usage.recorded import RECORDED
from warmstation_server.usage.response import KEPT, Alarm
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums
from warmstation_server.usage.written import written_change
from warmstation_server.web.words import Words

ZONE = ZoneInfo("Asia/Shanghai")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
NOW = datetime(2026, 12, 2, tzinfo=UTC)
REGIONS = {"street": Region("street", Text("千灯镇", "Qiandeng"), "street")}


def at(day: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, 4, tzinfo=UTC)


def alarm(fired: datetime, ack_min: float | None, fix_min: float | None) -> Alarm:
    ack, fix = (None if m is None else fired + timedelta(minutes=m) for m in (ack_min, fix_min))
    return Alarm(f"{fired}", "aa", "heating.no_heat", "warning", fired, ack, fix)


def entry(kind: str, count: int, when: datetime) -> Entry:
    return Entry("aa", "water", kind, count, when, "li")  # type: ignore[arg-type]


def asked(folder: Path, written: Written) -> Answer:
    rollup = Rollup(folder / "usage.db", ZONE.key)
    district = district_of(rollup, ZONE, written=written)
    found = district.answer([station("aa", "street")], REGIONS, NOVEMBER, NOW)
    rollup.close()
    return found


def test_response_and_use_are_compared_with_the_month_and_the_year_before(tmp_path: Path) -> None:
    fired = [
        alarm(at(3), 10, 60),
        alarm(at(4), None, None),
        alarm(at(5, 10), 20, 90),
        alarm(at(5, 11, 2025), 40, 30 * 60),
    ]
    ledger = [
        entry("restock", 40, at(2, 11, 2025)),
        entry("count", 30, at(9, 11, 2025)),
        entry("count", 26, at(9, 10)),
        entry("count", 18, at(9)),
    ]
    found = asked(tmp_path, Written(fired, ledger))
    now, before, year = found.figures, found.previous_figures, found.last_year_figures
    assert [one["ack_min"].value for one in (now, before, year)] == [10, 20, 40]
    assert [one["fix_min"].value for one in (now, before, year)] == [60, 90, 1800]
    assert now["ack_min"].coverage == 0.5
    assert [one["ack_within"].value for one in (now, before, year)] == [0.5, 1.0, 0.0]
    assert [one["used"].value for one in (now, before, year)] == [8, 4, 10]
    assert change(now["used"], before["used"]) == 1.0
    (line,) = found.single
    assert line.figures["fix_within"].value == 0.5


def test_without_alerts_or_a_ledger_nothing_is_known_of_them(tmp_path: Path) -> None:
    figures = asked(tmp_path, Written()).figures
    unknown = {
        "alerts",
        "ack_min",
        "fix_min",
        "ack_within",
        "fix_within",
        "used",
        "used_per_100",
        "expired",
    }
    assert {figures[key].value for key in unknown} == {None}


def test_every_figure_has_a_name_and_a_definition_in_both_languages() -> None:
    for language in LANGUAGES:
        words = Words(language)
        for metric in (*METRICS, *RECORDED):
            assert words(f"metric.{metric.key}") != words(f"metric.{metric.key}.means")


def test_a_warmer_room_is_told_in_degrees_and_not_in_percent_of_celsius() -> None:
    now, then = (Figure(BY_KEY["room_c"], value, 1.0) for value in (20.0, -4.0))
    assert change(now, then) == 24.0
    assert written_change(change(now, then), now.metric, Words("en")) == "▲ 24.0 °C"
    assert written_change(change(then, now), now.metric, Words("en")) == "▼ 24.0 °C"
    visits = [Figure(BY_KEY["visits"], value, 1.0) for value in (110.0, 100.0)]
    assert written_change(change(*visits), visits[0].metric, Words("en")) == "▲ 10.0%"


def test_no_more_than_all_of_the_time_was_measured() -> None:
    """The newest report holds on for minutes, also past the moment that figures are of."""
    assert figure(BY_KEY["data"], Sums(elapsed_ms=600_000, measured_ms=900_000)).value == 1.0


def test_alerts_that_are_forgotten_by_now_are_unknown_and_not_none(tmp_path: Path) -> None:
    """They are kept for any period of three years and the year before it, and no longer."""
    rollup = Rollup(tmp_path / "usage.db", ZONE.key)
    heard = DayCount(Sums(days=1, elapsed_ms=86_400_000, measured_ms=1), (0,) * 72)
    for month in (10, 11):
        rollup.put(date(2022, month, 1), {"aa": heard}, "x")
    district = district_of(rollup, ZONE, written=Written([alarm(at(3), 10, 60)]))
    for first, known in ((date(2022, 10, 1), None), (date(2022, 11, 1), 0), (at(1).date(), 1)):
        period = Period(first, first + timedelta(days=29))
        answer = district.answer([station("aa", "street")], REGIONS, period, NOW)
        assert answer.figures["alerts"].value == known
        assert [line.figure("alerts").value for line in answer.single] == [known]
    rollup.close()
    assert NOW - KEPT < datetime(2022, 11, 1, tzinfo=UTC) < NOW - 4 * timedelta(days=365)
    assert timedelta(days=MOST_DAYS + 366) < KEPT
