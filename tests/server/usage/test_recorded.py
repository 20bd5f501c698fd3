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
from warmstation_server.usage.metric import METRICS, change
from warmstation_server.usage.period import Period
from warmstation_server.usage.recorded import RECORDED
from warmstation_server.usage.response import Alarm
from warmstation_server.usage.rollup import Rollup
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
