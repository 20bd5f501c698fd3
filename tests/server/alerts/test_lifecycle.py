"""The life of one alert, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.alerting import Told, at, condition, context, minutes
from warmstation_server.alerts.action import (
    Acknowledge,
    Action,
    Assign,
    Comment,
    Resolve,
    Silence,
    acted,
)
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.rule import Escalation, Flapping, Rule
from warmstation_server.hours import Hours

NAME = "heating.no_heat"
ESCALATE = (
    Escalation(minutes(30), "community"),
    Escalation(minutes(60), "street"),
    Escalation(minutes(120), "city"),
)


def told(hours: str = "24/7", **keys: object) -> Told:
    keys = {"page": "always", "stale_after": timedelta(days=30)} | keys
    return Told(Rule(NAME, **keys), context(hours))  # type: ignore[arg-type]


def act(case: Told, action: Action, minute: float) -> None:
    assert case.state is not None
    outcome = acted(case.state, case.rule, action, case.context, at(minute))
    case.state = outcome.state
    case.transitions += outcome.transitions
    case.notices += outcome.notices


def test_it_fires_after_for_and_resolves_after_keep_firing_for() -> None:
    case = told(pending_for=minutes(10), keep_firing_for=minutes(5))
    case.hear(condition(0)).wait(9.9)
    assert case.story == [("pending", 0)]
    case.wait(30).hear(condition(31, False)).wait(35.9)
    assert case.story == [("pending", 0), ("firing", 10)]
    case.wait(40)
    assert case.story[-1] == ("resolved", 36)
    assert case.said == [("firing", 10), ("resolved", 36)]
    assert case.state is None


def test_what_was_fine_again_before_for_was_over_never_was_an_alert() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0), condition(9, False)).wait(60)
    assert case.story == [("pending", 0), ("dropped", 9)]
    assert case.said == []


def test_fine_for_too_short_resolves_nothing() -> None:
    case = told(keep_firing_for=minutes(10))
    case.hear(condition(0), condition(20, False), condition(25), condition(40, False)).wait(49)
    assert case.story == [("pending", 0), ("firing", 0)]


def test_absence_never_resolves_and_is_said() -> None:
    case = told(keep_firing_for=minutes(10), stale_after=minutes(30))
    case.hear(condition(0), condition(5, False), condition(6, None)).wait(600)
    assert case.state is not None
    assert case.state.phase == "firing"
    assert case.state.is_stale
    assert case.said == [("firing", 0), ("stale", 35)]
    case.hear(condition(700, False)).wait(709)
    assert case.state.phase == "firing"
    case.wait(710)
    assert case.story[-2:] == [("fresh", 700), ("resolved", 710)]


def test_nobody_can_tell_stops_the_clock_of_a_pending_alert() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0), condition(5, None)).wait(60)
    assert case.story == [("pending", 0)]
    case.hear(condition(61))
    assert case.story[-1] == ("firing", 61)


def test_hysteresis_both_ways() -> None:
    case = told(raise_below=16.0, clear_above=18.0)
    for minute, value in enumerate((17.0, 15.9, 16.5, 17.9, 18.0, 18.1, 17.0, 15.0)):
        case.hear(condition(minute, value < 16, value=value))
    assert case.story == [
        ("pending", 1),
        ("firing", 1),
        ("resolved", 5),
        ("pending", 7),
        ("firing", 7),
    ]


def test_a_guess_below_the_confidence_raises_nothing_and_resolves_nothing() -> None:
    case = told(min_confidence=0.6).hear(condition(0, confidence=0.5))
    assert case.state is None
    case.hear(condition(1, confidence=0.7), condition(2, confidence=0.3))
    assert case.story == [("pending", 1), ("firing", 1)]


def test_it_goes_up_the_tiers_until_somebody_takes_it_on() -> None:
    case = told(escalate=ESCALATE).hear(condition(0)).wait(70)
    assert case.said == [("firing", 0), ("escalated", 30), ("escalated", 60)]
    assert [one.tier for one in case.notices] == ["station", "community", "street"]
    assert [one.region_id for one in case.notices] == ["songnan", "songnan", "qiandeng"]
    act(case, Acknowledge("wang", "on my way"), 70)
    case.hear(*(condition(m) for m in range(75, 300, 5)))
    assert case.state is not None
    assert case.state.word == "acknowledged"
    assert len(case.notices) == 3


def test_an_acknowledgement_expires_and_the_next_tier_waits_its_time_again() -> None:
    case = told(escalate=ESCALATE, acknowledge_for=minutes(100)).hear(condition(0)).wait(40)
    act(case, Acknowledge("wang"), 40)
    case.hear(*(condition(m) for m in range(45, 180, 5)))
    assert ("acknowledgement_expired", 140) in case.story
    assert case.said[2:] == [("reminder", 140), ("escalated", 170)]


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


def test_flapping_is_told_once_in_and_once_out() -> None:
    case = told(flapping=Flapping(4, timedelta(hours=1)))
    for minute in range(0, 40, 2):
        case.hear(condition(minute, minute % 4 == 0))
    assert case.state is not None
    assert case.state.word == "flapping"
    said = [kind for kind, _ in case.said]
    assert said.count("flapping") == 1
    assert "steady" not in said
    before = len(said)
    case.wait(300)
    assert [kind for kind, _ in case.said][before:] == ["steady"]
    assert case.state is None or case.state.phase == "resolved"


def test_flapping_that_ends_wrong_goes_on_as_a_firing_alert() -> None:
    case = told(flapping=Flapping(4, timedelta(hours=1)))
    for minute in range(0, 42, 2):
        case.hear(condition(minute, minute % 4 == 0))
    case.hear(*(condition(m) for m in range(45, 120, 5)))
    assert case.state is not None
    assert case.state.word == "firing"
    assert case.said[-1] == ("steady", 100)


def test_silence_hushes_and_its_end_says_once_that_it_still_fires() -> None:
    case = told(remind=minutes(10)).hear(condition(0))
    act(case, Silence("wang", at(60)), 1)
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


def test_late_conditions_correct_the_beginning_and_page_nobody() -> None:
    case = told().hear(condition(100), condition(40, is_late=True))
    assert case.story == [("pending", 100), ("firing", 100), ("corrected", 100)]
    assert case.transitions[-1].is_late
    assert case.state is not None
    assert case.state.since == at(40)
    assert case.said == [("firing", 100)]


def test_a_trouble_of_the_past_is_written_down_and_told_to_nobody() -> None:
    case = told(pending_for=minutes(5), escalate=ESCALATE)
    case.hear(*(condition(m, is_late=True) for m in (10, 20, 30)))
    case.hear(condition(45, False, is_late=True)).wait(5000)
    assert case.story == [("late", 10), ("resolved", 45)]
    assert all(one.is_late for one in case.transitions)
    assert case.said == []


def test_live_evidence_takes_up_a_trouble_that_late_data_began() -> None:
    case = told(pending_for=minutes(5))
    case.hear(condition(10, is_late=True), condition(60)).wait(66)
    assert case.state is not None
    assert case.state.since == at(10)
    assert case.said == [("firing", 65)]


def test_an_overtaken_report_cannot_resolve() -> None:
    case = told().hear(condition(10), condition(20))
    case.hear(condition(15, False))
    assert case.state is not None
    assert case.state.phase == "firing"


def test_absence_counts_only_while_the_server_listened() -> None:
    rule = Rule("station.offline", pending_for=minutes(5), is_absence=True, page="always")
    case = Told(rule, context(watching_since=at(20)))
    case.hear(condition(0, name="station.offline")).wait(24.9)
    assert case.said == []
    case.wait(25)
    assert case.said == [("firing", 25)]


def test_assigning_and_commenting_leave_a_trace() -> None:
    case = told().hear(condition(0))
    act(case, Assign("wang", "li"), 1)
    act(case, Comment("li", "fuse replaced"), 2)
    assert [(one.kind, one.by, one.note) for one in case.transitions[2:]] == [
        ("assigned", "wang", "li"),
        ("commented", "li", "fuse replaced"),
    ]
    assert case.state is not None
    assert case.state.assignee == "li"


def test_notice_keys_are_the_same_whoever_computes_them() -> None:
    runs = [told(escalate=ESCALATE).hear(condition(0)).wait(200) for _ in range(2)]
    assert [one.key for one in runs[0].notices] == [one.key for one in runs[1].notices]
    assert len({one.key for one in runs[0].notices}) == 4


def test_who_resolves_it_says_why_and_what_is_still_wrong_begins_anew() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0)).wait(20)
    assert case.state is not None
    first = case.state.id
    act(case, Resolve("wang", "fuse replaced"), 25)
    last = case.transitions[-1]
    assert (last.kind, last.by, last.note) == ("resolved", "wang", "fuse replaced")
    case.hear(condition(30)).wait(45)
    assert case.state is not None
    assert (case.state.word, case.state.id == first) == ("firing", False)
    assert case.story[-1] == ("firing", 40)


def test_what_never_fired_cannot_be_resolved_by_hand() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0)).wait(5)
    act(case, Resolve("wang", "all is well"), 6)
    assert case.story == [("pending", 0)]


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


def test_stale_is_said_beside_firing_and_does_not_take_its_place() -> None:
    case = told(stale_after=minutes(30), remind=minutes(60)).hear(condition(0)).wait(45)
    assert case.state is not None
    assert (case.state.word, case.state.is_stale) == ("firing", True)
    assert case.said == [("firing", 0), ("stale", 30)]


def test_a_window_over_a_region_covers_its_stations_and_only_the_named_conditions() -> None:
    window = Window("w1", "qiandeng", at(-10), at(60), names=("heating.cold",))
    case = Told(Rule(NAME, page="always"), context(windows=(window,)))
    case.hear(condition(0))
    assert case.said == [("firing", 0)]


def test_severity_goes_up_in_place_while_it_is_acknowledged_and_says_so() -> None:
    case = told("Mo-Su 09:00-18:00", severity="urgent", severity_closed="notice")
    case.hear(condition(400))
    act(case, Acknowledge("wang", lasting=timedelta(days=2)), 401)
    case.hear(*(condition(m) for m in range(405, 1300, 5)))
    assert case.said[-1] == ("severity_up", 1260)
    assert len({one.alert_id for one in case.notices}) == 1
