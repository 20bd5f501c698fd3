"""What every history adds up, whatever it is made of: visits, warmth, power, promises, sessions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.server.history.conftest import Opens
from tests.server.history.reports import (
    DAY,
    HERE,
    HOUR,
    MINUTE,
    START,
    busy,
    charged,
    crossed,
    quarters,
    report,
)
from warmstation_server.history import History, Received, Usage
from warmstation_wire import (
    Charger,
    Climate,
    Door,
    People,
    Supply,
)


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
