"""From reports to figures: late data, unknown, and the very sums of the hours behind them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.figures import counted, district_of, station
from warmstation_server.history import Received, Usage
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.places import Region, Text
from warmstation_server.usage import counting
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.day import HOUR, Promise, day_count, hours_of
from warmstation_server.usage.district import District
from warmstation_server.usage.metric import figures
from warmstation_server.usage.period import Period
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums
from warmstation_wire import Charger, Climate, Door, People, Report, Supply

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
MIDNIGHT = datetime(2026, 11, 15, 16, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(days=3)
Stores = Callable[[Sequence[Received]], SqliteHistory]
PERIOD = Period(MONDAY, date(2026, 11, 18))
REGIONS = {"street": Region("street", Text("千灯镇", "Qiandeng"), "street")}
WHOLE = Promise(seats=12, chargers=2, items=1)
PLACES = [station("aa", "street"), station("bb", "street", "shop")]


def reports(name: str, hours: range, entered: int = 2) -> list[Received]:
    """A report every four minutes; `entered` people an hour between 8 and 20."""
    found, crossed = [], 0
    for n in range(hours.start * 15, hours.stop * 15):
        at = MIDNIGHT + timedelta(minutes=4 * n)
        if n % 15 < entered and 8 <= at.astimezone(ZONE).hour < 20:
            crossed += 1
        report = Report(
            station=name,
            stream="9f3c",
            seq=n + 1,
            measured_at=at,
            clock="synced",
            climate=Climate(room_c=19.0 if n % 4 else 17.0, heating="on", heater_w=1000.0),
            door=Door(open=False),
            people=People(inside=crossed % 3, entered=crossed, left=crossed),
            chargers=(
                Charger(id="p1", kind="phone", state="charging", energy_wh=float(n)),
                Charger(id="p2", kind="phone", state="outoforder"),
            ),
            supplies=(Supply(item="water", level=0.5 if n % 10 else 0.0),),
        )
        found.append(Received(report, "kunshan", at + timedelta(seconds=1)))
    return found


def is_open(_station: str, at: datetime) -> bool:
    return 8 <= at.astimezone(ZONE).hour < 20


@pytest.fixture
def history_of(tmp_path: Path) -> Iterator[Stores]:
    """Histories with these reports in them."""
    made: list[SqliteHistory] = []

    def one(told: Sequence[Received]) -> SqliteHistory:
        path = tmp_path / f"history-{len(made)}.db"
        made.append(SqliteHistory(path, ZONE, is_open=is_open, seats=lambda _: 12))
        made[-1].append(told)
        return made[-1]

    yield one
    for history in made:
        history.close()


def asked(district: District, period: Period = PERIOD) -> Answer:
    return district.answer(PLACES, REGIONS, period, NOW)


@pytest.fixture(scope="module")
def told() -> list[Received]:
    return reports("aa", range(72)) + reports("bb", range(30, 60), entered=5)


def test_figures_are_the_sums_of_the_hours_they_came_from(
    history_of: Stores, told: list[Received], tmp_path: Path
) -> None:
    history = history_of(told)
    answer = asked(counted(tmp_path, ZONE, history, PLACES, NOW))
    hours = history.total(["aa", "bb"], MIDNIGHT, NOW, "hour")
    assert answer.sums.visits == sum(hour.visits for hour in hours) > 100
    assert answer.sums.warm_ms == round(sum(hour.warm_s for hour in hours) * 1000)
    assert answer.sums.reports == len(told)
    evidence = counted(tmp_path, ZONE, history, PLACES, NOW).hours(PLACES[0], MONDAY, NOW)
    assert sum(hour.usage.visits for hour in evidence) == 24
    assert sum(hour.posted_ms for hour in evidence) == 12 * 3_600_000


def test_any_order_of_arrival_and_any_moment_of_counting_give_the_same(
    history_of: Stores, told: list[Received], tmp_path: Path
) -> None:
    mixed = random.Random(4).sample(told, len(told))
    history = history_of(mixed[:700])
    late = counted(tmp_path / "late", ZONE, history, PLACES, NOW)
    before = asked(late)
    for part in (mixed[700:1100], mixed[1100:]):
        history.append(part)
        late.counting.turn(NOW)
    whole = asked(counted(tmp_path / "whole", ZONE, history_of(told), PLACES, NOW))
    assert asked(late).by_station == whole.by_station != before.by_station
    assert asked(late).heat == whole.heat


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    for name in ("late", "whole"):
        (tmp_path / name).mkdir()


def test_hours_are_kept_where_somebody_was_seen_and_broken_where_nobody_was(
    history_of: Stores, tmp_path: Path
) -> None:
    silent = reports("bb", range(72), entered=0)
    district = counted(tmp_path, ZONE, history_of(reports("aa", range(72)) + silent), PLACES, NOW)
    answer = asked(district)
    kept, shut = answer.by_station["aa"], answer.by_station["bb"]
    assert kept.open_ms == kept.posted_ms == 36 * 3_600_000
    assert shut.closed_ms == shut.posted_ms
    (worst, *_) = answer.broken
    assert (worst.station, worst.promise, worst.share) == ("bb", "open", 1.0)


def test_nothing_measured_is_unknown_and_never_zero(tmp_path: Path) -> None:
    district = counted(tmp_path, ZONE, MemoryHistory(ZONE), PLACES, NOW)
    assert {one.value for one in asked(district).figures.values()} == {None}


def test_a_station_that_fell_silent_still_counts_as_one_that_should_have_spoken(
    history_of: Stores, tmp_path: Path
) -> None:
    told = reports("aa", range(72)) + reports("bb", range(24))
    answer = asked(counted(tmp_path, ZONE, history_of(told), PLACES, NOW))
    silent = answer.by_station["bb"]
    assert (silent.days, silent.posted_ms) == (3, 36 * 3_600_000)
    data = next(one for one in answer.single if one.group.id == "bb").figures["data"].value
    assert data == pytest.approx(1 / 3, abs=0.01)


def test_a_closed_month_answers_as_its_days_do(history_of: Stores, tmp_path: Path) -> None:
    history = history_of(reports("aa", range(24 * 16)))
    after = MIDNIGHT + timedelta(days=16)
    district = counted(tmp_path, ZONE, history, PLACES, after)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert district.rollup.has_month(november.parts()[0][0])
    days = district.rollup.by_day(["aa"], november)
    answer = asked(district, november)
    assert answer.sums == Sums.of(sum(days.values()))
    assert sum(cell.visits or 0 for cell in answer.heat.cells) == answer.sums.visits
    assert [one.sums.visits for one in answer.trend] == [Sums.of(n).visits for n in days.values()]


def test_a_rollup_of_another_zone_or_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "usage.db"
    path.write_bytes(b"no database at all" * 99)
    with_zone = Rollup(path, "Asia/Shanghai")
    with_zone.put(MONDAY, {}, "x")
    with_zone.close()
    assert list(Rollup(path, "Asia/Shanghai").marks()) == [MONDAY]
    assert Rollup(path, "Asia/Urumqi").marks() == {}


def test_what_is_counted_already_is_not_counted_again(
    history_of: Stores, told: list[Received], tmp_path: Path
) -> None:
    district = counted(tmp_path, ZONE, history_of(told), PLACES, NOW + timedelta(days=3))
    assert district.counting.turn(NOW + timedelta(days=3)) == 1


def test_it_rests_between_stations_and_a_day_it_had_to_leave_is_counted_later(
    history_of: Stores, told: list[Received], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "AT_ONCE", 1)
    whole = counted(tmp_path, ZONE, history_of(told), PLACES, NOW)
    days = whole.rollup.marks().keys()
    rollup = Rollup(tmp_path / "other.db", ZONE.key)
    again = district_of(rollup, ZONE, history_of(told), PLACES).counting
    rests = 0

    def breath() -> bool:
        nonlocal rests
        rests += 1
        return rests == len(PLACES)

    assert again.turn(NOW, breath) == 0
    assert (rests, list(rollup.marks())) == (len(PLACES), [])

    assert again.turn(NOW, breath) == len(days)
    assert rests == len(PLACES) + len(PLACES) * len(days)
    assert rollup.marks() == whole.rollup.marks()
    rollup.close()


def test_groups_add_up_to_the_whole(
    history_of: Stores, told: list[Received], tmp_path: Path
) -> None:
    answer = asked(counted(tmp_path, ZONE, history_of(told), PLACES, NOW))
    for lines in (answer.hosts, answer.single):
        assert sum(line.sums.visits for line in lines) == answer.sums.visits
    assert [line.group.id for line in answer.hosts] == ["community", "shop"]


def test_what_an_older_layout_did_not_add_up_is_unknown_and_not_zero() -> None:
    known = Usage(MIDNIGHT, reports=60, measured_s=3600, visits=9, people_s=7200)
    known = replace(known, people_measured_s=3600, temp_measured_s=3600, warm_s=3600, heater_wh=900)
    now = replace(known, signs=9, watched_s=3600, counter_s=3600, heater_measured_s=3600)
    now = replace(now, charger_known_s=7200, shelf_s=3600)
    span, posted = (MIDNIGHT, MIDNIGHT + HOUR), [(MIDNIGHT, MIDNIGHT + HOUR)]
    old, new = (
        figures(
            day_count(
                hours_of(span, {MIDNIGHT: one}, posted, NOW), WHOLE, span[1] - span[0], ZONE
            ).sums
        )
        for one in (known, now)
    )
    later = {"visits", "full_hours", "hours_kept", "facilities", "stocked", "heater_kwh"}
    for key in later | {"sessions", "charger_kwh", "energy_per_visit"}:
        assert (old[key].value, new[key].value is None) == (None, False), key
    for key in ("heating_18", "stay", "seat_use", "data"):
        assert old[key].value == new[key].value is not None, key


@pytest.mark.parametrize("sign", ["door", "present"])
def test_a_door_that_stands_open_or_somebody_present_is_evidence_without_a_crossing(
    sign: str, history_of: Stores, tmp_path: Path
) -> None:
    told = [
        Received(one.report.model_copy(update=seen(sign)), one.district, one.received_at)
        for one in reports("aa", range(24), entered=0)
    ]
    district = counted(tmp_path, ZONE, history_of(told), PLACES[:1], NOW)
    found = asked(district, Period(MONDAY, MONDAY))
    assert found.figures["visits"].value == 0
    assert found.figures["hours_kept"].value == 1.0


def seen(sign: str) -> dict[str, object]:
    """An open door, or somebody whom a presence sensor sees."""
    if sign == "door":
        return {"door": Door(open=True)}
    return {"people": People(inside=0, entered=0, left=0, present=True)}


def test_totals_are_not_compared_with_a_period_that_began_before_the_first_report(
    history_of: Stores, tmp_path: Path
) -> None:
    district = counted(tmp_path, ZONE, history_of(reports("aa", range(72))), PLACES[:1], NOW)
    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    two_days = asked(district, Period(tuesday, wednesday))
    one_day = asked(district, Period(wednesday, wednesday))
    for key in ("visits", "occupancy_hours", "charger_kwh"):
        assert two_days.previous_figures[key].value is None, key
        assert one_day.previous_figures[key].value == one_day.figures[key].value, key
    assert two_days.previous_figures["heating_18"].value is not None


def test_a_silence_over_midnight_is_judged_the_same_on_both_of_its_days(
    tmp_path: Path,
) -> None:
    """Six hours of which half was watched are three watched hours, from whichever day one looks."""
    told = [
        Received(
            Report(
                station="aa",
                stream="9f3c",
                seq=n + 1,
                measured_at=MIDNIGHT + timedelta(minutes=10 * n),
                clock="synced",
                people=People(inside=0, entered=0, left=0),
            ),
            "kunshan",
            MIDNIGHT + timedelta(minutes=10 * n),
        )
        for n in range(18 * 6, 30 * 6)
    ]
    place = station("aa", "street", hours="Mo-Su 19:00-01:00")
    history = SqliteHistory(tmp_path / "night.db", ZONE)
    history.append(told)
    district = counted(tmp_path, ZONE, history, [place], NOW)
    history.close()
    first, second = district.days("aa", Period(MONDAY, date(2026, 11, 17)))
    assert (first.sums.closed_ms, second.sums.closed_ms) == (5 * 1_800_000, 1_800_000)
