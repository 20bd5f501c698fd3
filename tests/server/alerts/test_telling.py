"""Whom one alert tells and when: tiers, reminders, hours in place, silences and planned work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.alerting import ESCALATE, NAME, Told, at, condition, context, minutes, told
from warmstation_server.alerts.action import (
    Acknowledge,
    Silence,
)
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.rule import Escalation, Rule
from warmstation_server.alerts.rules import load
from warmstation_server.hours import Hours
from warmstation_server.places import Text


def test_it_goes_up_the_tiers_until_somebody_takes_it_on() -> None:
    case = told(escalate=ESCALATE).hear(condition(0)).wait(70)
    assert case.said == [("firing", 0), ("escalated", 30), ("escalated", 60)]
    assert [one.tier for one in case.notices] == ["station", "community", "street"]
    assert [one.region_id for one in case.notices] == ["songnan", "songnan", "qiandeng"]
    case.act(Acknowledge("wang", "on my way"), 70)
    case.act(Acknowledge("wang", "still on my way"), 72)
    case.hear(*(condition(m) for m in range(75, 300, 5)))
    assert case.state is not None
    assert case.state.word == "acknowledged"
    assert case.said[3:] == [("acknowledged", 70)], "all who were sent for hear it once"
    assert case.notices[-1].advice == Text(
        "wang 已接手，其他人无需再去。", "wang is at it: nobody else need go."
    )
    assert case.notices[-1].evidence == {}


def test_who_takes_on_what_nobody_else_was_sent_for_tells_nobody() -> None:
    case = told(escalate=ESCALATE).hear(condition(0))
    case.act(Acknowledge("wang"), 10)
    case.hear(*(condition(m) for m in range(15, 100, 5)))
    assert case.said == [("firing", 0)]


def test_an_acknowledgement_expires_and_the_next_tier_waits_its_time_again() -> None:
    case = told(escalate=ESCALATE, acknowledge_for=minutes(100)).hear(condition(0)).wait(40)
    case.act(Acknowledge("wang"), 40)
    case.hear(*(condition(m) for m in range(45, 180, 5)))
    assert ("acknowledgement_expired", 140) in case.story
    assert case.said[2:] == [("acknowledged", 40), ("reminder", 140), ("escalated", 170)]


def test_a_level_that_is_missing_tells_nobody_twice() -> None:
    steps = (Escalation(minutes(10), "district"), Escalation(minutes(20), "city"))
    case = told(escalate=steps).hear(condition(0)).wait(60)
    assert [(one.kind, one.tier) for one in case.notices] == [
        ("firing", "station"),
        ("escalated", "city"),
    ]


def test_reminders_stop_with_the_trouble() -> None:
    case = told(remind=minutes(60)).hear(*(condition(m) for m in range(0, 131, 5)))
    case.hear(condition(131, False)).wait(600)
    assert case.said == [("firing", 0), ("reminder", 60), ("reminder", 120), ("resolved", 131)]


def test_what_fires_at_night_pages_at_opening_and_only_if_it_still_fires() -> None:
    hours = "Mo-Su 09:00-18:00"  # opens at minute -180 and 1260, closes at 360
    case = told(hours, page="open hours").hear(*(condition(m) for m in range(400, 1300, 5)))
    assert case.said == [("firing", 1260)]
    over = told(hours, page="open hours").hear(condition(400), condition(500, False)).wait(2000)
    assert over.said == []
    assert over.story[-1] == ("resolved", 500)


def test_severity_follows_the_hours_in_place() -> None:
    case = told("Mo-Su 09:00-18:00", severity="urgent", severity_closed="notice")
    case.hear(*(condition(m) for m in range(300, 1300, 5)))
    assert case.story[1:] == [("firing", 300), ("severity_down", 360), ("severity_up", 1260)]
    assert case.said == [("firing", 300), ("severity_down", 360), ("severity_up", 1260)]
    assert [one.severity for one in case.notices] == ["urgent", "notice", "urgent"]


def test_holidays_and_makeup_workdays_decide_what_pages() -> None:
    """2026-10-10 is a Saturday that is worked, 2026-10-05 a Monday that is a holiday."""
    case = told("Mo-Fr 09:00-18:00; PH off", page="open hours")
    saturday = -44 * 24 * 60  # T0 is Monday 2026-11-23; 44 days before is Saturday 2026-10-10
    assert at(saturday).date().isoformat() == "2026-10-10"
    case.hear(condition(saturday))
    assert case.said == [("firing", saturday)]
    monday = saturday - 5 * 24 * 60
    off = told("Mo-Fr 09:00-18:00; PH off", page="open hours")
    off.hear(condition(monday), condition(monday + 300, False)).wait(saturday)
    assert off.said == []


def test_silence_hushes_and_its_end_says_once_that_it_still_fires() -> None:
    case = told(remind=minutes(10)).hear(condition(0))
    case.act(Silence("wang", at(60)), 1)
    case.hear(*(condition(m) for m in range(5, 65, 5)))
    assert case.said == [("firing", 0), ("still_firing", 60)]


def test_planned_work_hushes_and_its_end_notifies_once_if_it_still_fires() -> None:
    window = Window("w1", "ks-songnan", at(-10), at(60))
    case = Told(Rule(NAME, page="always"), context(windows=(window,)))
    case.hear(*(condition(m) for m in range(0, 125, 5)))
    assert case.said == [("still_firing", 60)]
    fine = Told(Rule(NAME, page="always"), context(windows=(window,)))
    fine.hear(condition(0), condition(30, False)).wait(120)
    assert fine.said == []


def test_planned_work_hushes_no_danger() -> None:
    window = Window("w1", "ks-songnan", at(-10), at(60))
    case = Told(Rule(NAME, page="always", at_once=True), context(windows=(window,)))
    case.hear(*(condition(m) for m in range(0, 125, 5)))
    assert case.said == [("firing", 0)]


@pytest.mark.parametrize("name", ["heating.frost", "heating.pipes"])
def test_a_room_left_cold_each_night_is_told_three_times_and_then_once_more_when_it_ends(
    name: str,
) -> None:
    case = Told(load().rule(name), context())
    day = 24 * 60
    for night in range(10):  # from 02:00 to 07:00
        dusk = 840 + night * day
        case.hear(*(condition(dusk + m, name=name) for m in range(0, 300, 5)))
        case.hear(*(condition(dusk + m, False, name=name) for m in range(300, day, 5)))
    by_rule = [kind for kind, _ in case.said if kind not in ("escalated", "reminder")]
    assert by_rule == ["firing", "resolved", "firing", "resolved", "flapping"]
    last = max(minute for _, minute in case.said)
    assert last == 840 + 2 * day, "and nobody is called after that"
    case.wait(20 * day)
    assert case.said[-1][0] == "resolved"
    assert case.said[-1][1] > 10 * day


def test_a_cold_room_that_does_not_warm_up_any_more_is_told_again() -> None:
    case = Told(load().rule("heating.frost"), context())
    day = 24 * 60
    for night in range(3):
        dusk = 840 + night * day
        case.hear(*(condition(dusk + m, name="heating.frost") for m in range(0, 300, 5)))
        case.hear(*(condition(dusk + m, False, name="heating.frost") for m in range(300, day, 5)))
    dusk = 840 + 3 * day
    case.hear(*(condition(dusk + m, name="heating.frost") for m in range(0, 4 * day, 5)))
    assert ("steady", dusk + 60 * 60) in case.said
    assert case.said[-1][0] in ("reminder", "escalated"), "and from then on as any other"


def test_notice_keys_are_the_same_whoever_computes_them() -> None:
    runs = [told(escalate=ESCALATE).hear(condition(0)).wait(200) for _ in range(2)]
    assert [one.key for one in runs[0].notices] == [one.key for one in runs[1].notices]
    assert len({one.key for one in runs[0].notices}) == 4


def test_overnight_hours_page_past_midnight_and_wait_in_the_morning() -> None:
    case = told("Mo-Su 12:00-06:00", page="open hours")  # minute 0 is noon
    case.hear(condition(15 * 60))
    assert case.said == [("firing", 15 * 60)], "03:00 is open"
    late = told("Mo-Su 12:00-06:00", page="open hours")
    late.hear(*(condition(m) for m in range(20 * 60, 25 * 60, 5)))
    assert late.said == [("firing", 24 * 60)], "08:00 waits for noon"


def test_hours_are_those_of_the_station_s_own_zone() -> None:
    shanghai, urumqi = told("09:00-12:00", page="open hours"), told(page="open hours")
    urumqi.context = replace(urumqi.context, hours=Hours("09:00-12:00", "Asia/Urumqi"))
    for case in (shanghai, urumqi):
        case.hear(condition(30))  # 12:30 in Shanghai, 10:30 in Urumqi
    assert shanghai.said == []
    assert urumqi.said == [("firing", 30)]


def test_a_window_over_a_region_covers_its_stations_and_only_the_named_conditions() -> None:
    window = Window("w1", "qiandeng", at(-10), at(60), names=("heating.cold",))
    case = Told(Rule(NAME, page="always"), context(windows=(window,)))
    case.hear(condition(0))
    assert case.said == [("firing", 0)]


def test_severity_goes_up_in_place_while_it_is_acknowledged_and_says_so() -> None:
    case = told("Mo-Su 09:00-18:00", severity="urgent", severity_closed="notice")
    case.hear(condition(400))
    case.act(Acknowledge("wang", lasting=timedelta(days=2)), 401)
    case.hear(*(condition(m) for m in range(405, 1300, 5)))
    assert case.said[-1] == ("severity_up", 1260)
    assert len({one.alert_id for one in case.notices}) == 1


def test_an_end_is_told_to_whoever_was_told_also_in_a_silence_and_in_planned_work() -> None:
    silenced = told().hear(condition(0))
    silenced.act(Silence("wang", at(100)), 10)
    silenced.hear(condition(30, False)).wait(300)
    assert silenced.said == [("firing", 0), ("resolved", 30)]
    window = Window("w1", "ks-songnan", at(50), at(100))
    worked_on = Told(Rule(NAME, page="always"), context(windows=(window,)))
    worked_on.hear(*(condition(m) for m in range(0, 60, 5)), condition(60, False)).wait(200)
    assert worked_on.said == [("firing", 0), ("resolved", 60)]


def test_a_notice_of_an_end_says_how_long_it_took_and_not_what_to_do() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours")
    case.hear(*(condition(m, advice=Text("看看")) for m in range(300, 400, 5)))
    case.hear(condition(500, False)).wait(2000)
    assert case.said == [("firing", 300), ("resolved", 1260)]
    assert [one.advice for one in case.notices] == [Text("看看"), None]
    assert case.notices[-1].evidence == {"lasted_min": 200.0}


@pytest.mark.parametrize("times", [1, 3])
def test_an_end_that_waits_for_opening_is_told_though_it_came_and_went_again(times: int) -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours").hear(condition(300))
    for night in range(times + 1):
        case.hear(condition(400 + 100 * night, False), condition(450 + 100 * night))
    case.hear(condition(1000, False)).wait(2000)
    assert case.said == [("firing", 300), ("resolved", 1260)]
    assert [one.alert_id for one in case.notices] == [case.notices[0].alert_id] * 2
    assert case.notices[-1].evidence == {"lasted_min": 100.0}
    assert case.state is None


def test_an_end_that_waits_for_opening_is_told_before_what_has_begun_since() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours").hear(condition(300))
    case.hear(condition(400, False), *(condition(m) for m in range(450, 1300, 5)))
    assert case.said == [("firing", 300), ("resolved", 1260), ("firing", 1260)]
    first, end, second = (one.alert_id for one in case.notices)
    assert (first == end, first == second) == (True, False)


def test_an_end_that_waits_outlives_what_only_seemed_to_begin() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours", pending_for=minutes(10))
    case.hear(condition(300), condition(311), condition(400, False))
    case.hear(condition(450), condition(455, False)).wait(2000)
    assert case.said == [("firing", 310), ("resolved", 1260)]
    assert case.state is None


def test_a_rule_that_may_page_from_now_on_tells_what_fires_already() -> None:
    case = told(page="never").hear(condition(0), condition(10))
    assert case.said == []
    case.rule = replace(case.rule, page="always")
    case.wait(11)
    assert [kind for kind, _ in case.said] == ["firing"]


def test_at_opening_nobody_is_told_that_a_trouble_is_less_grave_than_it_is() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours", severity="urgent", severity_closed="notice")
    case.hear(*(condition(m) for m in range(300, 1500, 5)))
    assert case.said == [("firing", 300)], "it is as bad as it was when it was told"
    assert [kind for kind, _ in case.story[-2:]] == ["severity_down", "severity_up"]


def test_what_an_acknowledgement_s_end_says_at_opening_leaves_its_tier_time() -> None:
    case = told(
        "Mo-Su 09:00-18:00", page="open hours", escalate=ESCALATE, acknowledge_for=minutes(100)
    )
    case.hear(condition(300))
    case.act(Acknowledge("wang"), 310)  # until 410, when it is closed; it opens at 1260
    case.hear(*(condition(m) for m in range(315, 1300, 5)))
    assert case.said == [("firing", 300), ("reminder", 1260), ("escalated", 1290)]


def test_what_a_silence_s_end_says_at_opening_leaves_its_tier_time() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours", escalate=ESCALATE)
    case.hear(condition(300))
    case.act(Silence("wang", at(700)), 310)
    case.hear(*(condition(m) for m in range(315, 1300, 5)))
    assert case.said == [("firing", 300), ("still_firing", 1260), ("escalated", 1290)]
