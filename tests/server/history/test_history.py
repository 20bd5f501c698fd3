"""What every history must do, whatever it is made of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import (
    MINUTE,
    START,
    busy,
    charged,
    crossed,
    full_report,
    rare_report,
    report,
)
from tests.support import influx
from warmstation_server.history import History, Received, Usage
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_wire import (
    Charger,
    Climate,
    Door,
    People,
    Supply,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = "ks-songnan"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Opens = Callable[..., History]


@pytest.fixture(params=["memory", "sqlite", "sqlite-rolling", "influx"])
def opens(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opens]:
    """Makes a history; the rolling one moves rows to their chunks almost at once."""
    made: list[History] = []
    buckets = ExitStack()
    if request.param == "sqlite-rolling":
        monkeypatch.setattr("warmstation_server.history.ledger.MIN_UNROLLED", 7)
        monkeypatch.setattr("warmstation_server.history.ledger.UNROLLED_PER_STATION", 3)

    def open_one(zone: ZoneInfo = SHANGHAI, **hooks: object) -> History:
        one: History
        if request.param == "memory":
            one = MemoryHistory(zone, **hooks)  # type: ignore[arg-type]
        elif request.param == "influx":
            where = buckets.enter_context(influx.fresh_buckets(influx.place()))
            one = InfluxHistory(*where, zone, **hooks)  # type: ignore[arg-type]
        else:
            path = tmp_path / f"history-{len(made)}.db"
            one = SqliteHistory(path, zone, **hooks)  # type: ignore[arg-type]
        made.append(one)
        return one

    with buckets:
        yield open_one
        for one in made:
            one.close()


@pytest.fixture
def history(opens: Opens) -> History:
    return opens()


def quarters(history: History, station: str = HERE) -> list[Usage]:
    return history.usage([station], START - DAY, START + DAY, "quarter").get(station, [])


def test_a_report_comes_back_as_it_was_received(history: History) -> None:
    sent = [full_report(1), report(2), report(3, climate=Climate(), chargers=(), faults=())]
    sent += [rare_report(seq) for seq in range(4, 9)]
    assert list(history.append(sent)) == sent
    found = {r.report.seq: r for r in history.reports(HERE, START, START + HOUR)}
    assert [found[r.report.seq] for r in sent] == sent
    assert [found[r.report.seq].report.to_json() for r in sent] == [
        r.report.to_json() for r in sent
    ]


def test_many_reports_come_back_through_chunks_exactly(history: History) -> None:
    sent = [full_report(seq) if seq % 3 else busy(seq) for seq in range(1, 400)]
    for i in range(0, len(sent), 20):
        history.append(sent[i : i + 20])
    found = list(history.reports(HERE, START - DAY, START + DAY))
    assert found == sorted(sent, key=lambda r: (r.report.measured_at, r.report.seq))


def test_a_report_is_stored_once_however_often_it_comes(history: History) -> None:
    assert len(history.append([busy(1), busy(2), busy(1)])) == 2
    assert [r.report.seq for r in history.append([busy(2), busy(3), busy(3)])] == [3]
    assert list(history.append([busy(1), busy(2), busy(3)])) == []
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == [1, 2, 3]
    assert sum(u.reports for u in quarters(history)) == 3


def test_same_seq_of_another_stream_or_station_is_another_report(history: History) -> None:
    sent = [busy(1), busy(1, stream="aaaa"), busy(1, station="xf-beidajie")]
    assert list(history.append(sent)) == sent
    assert len(list(history.reports(HERE, START, START + DAY))) == 2


def test_reports_are_of_the_span_asked_for_rising(history: History) -> None:
    history.append([busy(seq) for seq in (5, 3, 4, 1, 2)])
    found = history.reports(HERE, START + MINUTE, START + 4 * MINUTE)
    assert [r.report.seq for r in found] == [2, 3, 4]
    assert list(history.reports("nobody", START, START + DAY)) == []
    assert list(history.reports(HERE, START + DAY, START)) == []


def test_reports_reach_over_empty_days_and_wrong_clocks(history: History) -> None:
    broken_clock = datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC) - START
    history.append([busy(1), busy(2, broken_clock), busy(3, 40 * DAY)])
    ever = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    assert [r.report.seq for r in history.reports(HERE, *ever)] == [2, 1, 3]


def test_latest_is_the_highest_seq_of_the_newest_stream(history: History) -> None:
    assert list(history.latest()) == []
    ahead = busy(2, 3 * DAY)
    history.append([busy(1), ahead, busy(3), busy(1, station="xf-beidajie")])
    assert {r.report.station: r for r in history.latest()} == {
        HERE: busy(3),
        "xf-beidajie": busy(1, station="xf-beidajie"),
    }
    reborn = busy(1, stream="aaaa")
    history.append([reborn])
    history.append([busy(4)])
    assert [r for r in history.latest() if r.report.station == HERE] == [reborn]


def test_series_without_window_has_a_point_for_each_report(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 6)])
    points = history.series(HERE, START + MINUTE, START + 4 * MINUTE)
    assert [p.at for p in points] == [START + MINUTE * i for i in (1, 2, 3)]
    assert [p.room_c for p in points] == [17.0 + seq * 0.7 for seq in (2, 3, 4)]
    assert [p.people_max for p in points] == [2, 3, 4]
    assert [p.entered for p in points] == [2, 2, 2]
    assert [p.chargers_in_use for p in points] == [1, 1, 1]
    assert points[0].outlet_c is None
    assert points[0].heating_share == 1


def test_series_windows_hold_means_of_what_was_measured(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 11)])
    history.append([report(36)])
    first, second, empty = history.series(HERE, START, START + HOUR, 5 * MINUTE)
    assert [first.at, second.at, empty.at] == [START, START + 5 * MINUTE, START + 35 * MINUTE]
    assert first.room_c == pytest.approx(sum(17 + s % 7 * 0.7 for s in range(1, 6)) / 5)
    assert first.people_max == 4
    assert first.entered == 2 * 5
    assert empty.room_c is None
    assert empty.entered is None


def test_a_value_stands_until_the_next_report_but_not_longer_than_five_minutes(
    history: History,
) -> None:
    history.append([report(1, people=People(inside=3)), report(2, people=People(inside=1))])
    history.append([report(3, 11 * MINUTE)])
    first, second = quarters(history)
    assert first.start == START
    assert first.reports == 3
    assert first.measured_s == 60 + 300 + 240
    assert first.people_s == 3 * 60 + 300
    assert first.people_measured_s == 360
    assert first.people_max == 3
    assert (second.start, second.reports, second.measured_s) == (START + 15 * MINUTE, 0, 60)
    assert second.people_max is None


def test_warmth_power_and_chargers_add_up(opens: Opens) -> None:
    history = opens(targets={HERE: 19.0}.__getitem__)
    for seq, room_c in enumerate((17.9, 18.0, 18.9, 19.0, None), start=1):
        climate = Climate(room_c=room_c, heater_w=1200.0)
        states = ("charging", "available", "outoforder", "unknown")
        chargers = tuple(Charger(id=f"p{s[0]}", kind="phone", state=s) for s in states)  # type: ignore[arg-type]
        history.append([report(seq, climate=climate, chargers=chargers)])
    (found,) = quarters(history)
    assert found.temp_measured_s == 4 * 60
    assert found.warm_s == 3 * 60
    assert found.target_s == 60
    assert found.room_c_s == pytest.approx(60 * (17.9 + 18 + 18.9 + 19))
    assert found.heater_wh == pytest.approx(1200 * (4 * 60 + 300) / 3600)
    assert found.charger_in_use_s == 540
    assert found.charger_serviceable_s == 2 * 540


def test_warmth_outside_the_hours_does_not_count(opens: Opens) -> None:
    history = opens(is_open=lambda _station, at: at >= START + 2 * MINUTE)
    history.append([busy(seq) for seq in range(1, 5)])
    (found,) = quarters(history)
    assert found.measured_s == 3 * 60 + 300
    assert found.temp_measured_s == 60 + 300


def test_a_rise_counts_where_it_is_shown_even_across_a_bucket(history: History) -> None:
    history.append([crossed(7, 14 * MINUTE, 10), crossed(8, 16 * MINUTE, 15)])
    assert [u.visits for u in quarters(history)] == [0, 5]


def test_what_came_before_the_first_report_counts_only_where_the_stream_began(
    history: History,
) -> None:
    history.append([crossed(1, MINUTE, 2), crossed(900, MINUTE, 1234, station="xf-beidajie")])
    assert [u.visits for u in quarters(history)] == [2]
    assert [u.visits for u in quarters(history, "xf-beidajie")] == [0]


def test_a_counter_that_is_unknown_for_a_while_loses_nothing(history: History) -> None:
    history.append([crossed(1, 1 * MINUTE, 4), crossed(2, 16 * MINUTE, None)])
    history.append([crossed(3, 31 * MINUTE, 9)])
    assert [u.visits for u in quarters(history)] == [4, 0, 5]


def test_a_late_report_between_two_others_moves_visits_and_adds_none(history: History) -> None:
    history.append([crossed(1, MINUTE, 0), crossed(3, 31 * MINUTE, 10)])
    assert [u.visits for u in quarters(history)] == [0, 10]
    history.append([crossed(2, 16 * MINUTE, 7)])
    assert [u.visits for u in quarters(history)] == [0, 7, 3]


def test_a_stream_is_counted_by_seq_when_the_clock_jumps(history: History) -> None:
    back = datetime(1970, 1, 1, 0, 1, tzinfo=UTC) - START
    history.append([crossed(1, MINUTE, 5), crossed(2, back, 6), crossed(3, 2 * MINUTE, 8)])
    assert [u.visits for u in quarters(history)] == [7]
    old = history.usage([HERE], START - 60 * 365 * DAY, START - DAY, "day")[HERE]
    assert [u.visits for u in old] == [1]


def test_energy_is_counted_for_each_charger(history: History) -> None:
    history.append([charged(5, None, p1=10.0, p2=100.0), charged(6, None, p1=10.5, p2=None)])
    history.append([charged(7, None, p1=11.0, p2=101.25)])
    (found,) = quarters(history)
    assert found.charger_wh == pytest.approx(1.0 + 1.25)


def test_days_begin_at_midnight_of_the_zone_and_hours_in_utc(history: History) -> None:
    midnight = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    before = midnight - START - MINUTE
    history.append([crossed(1, before, 1), crossed(2, before + MINUTE, 4)])
    days = history.usage([HERE], START - DAY, START + DAY, "day")[HERE]
    assert [(u.start, u.visits) for u in days] == [(midnight - DAY, 1), (midnight, 3)]
    hours = history.usage([HERE], midnight, midnight + HOUR, "hour")[HERE]
    assert [(u.start, u.visits) for u in hours] == [(midnight, 3)]


def test_total_adds_stations_up(history: History) -> None:
    names = ["aa", "bb", "cc"]
    history.append([busy(seq, station=name) for name in names for seq in range(1, 30)])
    apart = history.usage(names[:2], START, START + DAY, "hour")
    (together,) = history.total(["aa", "bb", "aa", "nobody"], START, START + DAY, "hour")
    assert set(apart) == {"aa", "bb"}
    assert together.reports == 58
    assert together.visits == sum(rows[0].visits for rows in apart.values())
    assert together.people_max == 4
    assert history.usage(["nobody"], START, START + DAY, "hour") == {}


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_gives_the_same_history_and_the_same_usage(
    opens: Opens, seed: int
) -> None:
    chance = random.Random(seed)
    sent = [busy(seq) for seq in range(1, 150) if chance.random() < 0.9]
    sent += [busy(seq, (150 + seq) * MINUTE, stream="aaaa") for seq in range(1, 40)]
    sent += [charged(seq, seq * 2 * MINUTE, p1=seq * 0.7) for seq in range(150, 190)]
    in_order, shuffled = opens(), opens()
    for one in sent:
        in_order.append([one])
    late = chance.sample(sent, len(sent))
    for i in range(0, len(late), 13):
        shuffled.append(late[i : i + 17])
    span = START - DAY, START + DAY
    assert quarters(shuffled) == quarters(in_order)
    for step in ("hour", "day"):
        assert shuffled.usage([HERE], *span, step) == in_order.usage([HERE], *span, step)
    assert {r.report.to_json() for r in shuffled.reports(HERE, *span)} == {
        r.report.to_json() for r in sent
    }


def test_expired_reports_are_gone_and_their_usage_stays(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 61)])
    before = quarters(history)
    line = START + 20 * MINUTE + timedelta(seconds=1)
    assert history.expire(line) == 21
    assert history.expire(line) == 0
    assert quarters(history) == before
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == list(range(22, 61))
    assert history.series(HERE, START, START + DAY)[0].at == START + 21 * MINUTE
    assert list(history.append([busy(5)])) == []


def test_what_comes_after_it_expired_counts_but_is_not_kept(history: History) -> None:
    history.append([crossed(1, MINUTE, 1), crossed(3, 40 * MINUTE, 9)])
    history.expire(START + 30 * MINUTE)
    assert len(history.append([crossed(2, 16 * MINUTE, 5)])) == 1
    assert [u.visits for u in quarters(history)] == [1, 4, 4]
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == [3]


def test_reports_of_a_clock_that_was_never_set_do_not_expire(history: History) -> None:
    booted = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
    early, late = (
        Received(
            one.report.model_copy(update={"measured_at": booted + one_minute}),
            one.district,
            one.received_at,
        )
        for one, one_minute in ((busy(1), 0 * MINUTE), (busy(2), MINUTE))
    )
    history.append([early])
    assert history.expire(START) == 0
    assert list(history.append([late])) == [late]
    assert list(history.reports(HERE, booted, START)) == [early, late]
    assert [point.at for point in history.series(HERE, booted, START)] == [booted, booted + MINUTE]


def test_a_station_that_is_silent_since_it_expired_is_still_known(history: History) -> None:
    history.append([busy(1)])
    history.expire(START + DAY)
    assert list(history.latest()) == [busy(1)]


def used(history: History) -> Usage:
    """The one hour in which these tests take place, with the open end of its stream."""
    (found,) = history.total([HERE], START, START + HOUR, "hour")
    return found


def test_what_is_promised_is_watched_in_posted_hours_only(opens: Opens) -> None:
    closes = START + timedelta(minutes=2)
    history = opens(is_open=lambda _, at: at < closes, seats=lambda _: 3)
    shelf = (Supply(item="water", level=0.5), Supply(item="tea", level=0.01))
    people = People(inside=3, entered=5, present=True)
    history.append(
        [report(n, door=Door(open=False), people=people, supplies=shelf) for n in (1, 2, 3)]
    )
    hour = used(history)
    assert (hour.signs, hour.watched_s) == (2, 120)
    assert (hour.shelf_s, hour.empty_s) == (240, 120)
    assert (hour.counter_s, hour.full_s) == (420, 420)


def test_a_door_that_stays_shut_is_watched_but_no_sign_of_life(history: History) -> None:
    history.append([report(n, door=Door(open=False)) for n in (1, 2)])
    hour = used(history)
    assert (hour.signs, hour.watched_s, hour.counter_s) == (0, 360, 0)


def test_a_station_whose_seats_nobody_knows_is_never_known_to_be_full(history: History) -> None:
    history.append([report(1, people=People(inside=90))])
    assert used(history).full_s == 0


def test_a_heater_without_a_meter_is_not_one_that_draws_nothing(history: History) -> None:
    history.append([report(1, climate=Climate(heater_w=0.0)), report(2, climate=Climate())])
    assert used(history).heater_measured_s == 60


def charging(seq: int, after: timedelta, *states: str) -> Received:
    points = tuple(
        Charger.model_validate({"id": f"p{n}", "kind": "phone", "state": state})
        for n, state in enumerate(states)
    )
    return report(seq, after, chargers=points)


def test_a_session_is_a_change_to_charging_in_any_order_of_arrival(opens: Opens) -> None:
    told = [
        charging(1, 0 * MINUTE, "charging", "available"),
        charging(2, 1 * MINUTE, "charging", "charging"),
        charging(3, 2 * MINUTE, "available", "unknown"),
        charging(4, 3 * MINUTE, "charging", "charging"),
        charging(5, 4 * MINUTE, "outoforder", "available"),
    ]
    for seed in range(6):
        history = opens()
        for one in random.Random(seed).sample(told, len(told)):
            history.append([one])
        hour = used(history)
        assert hour.sessions == 3
        assert hour.charger_known_s == (2 + 2 + 1 + 2) * 60 + 2 * 300
