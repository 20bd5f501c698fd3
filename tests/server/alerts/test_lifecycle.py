"""The life of one alert, step by step; whom it tells is in `test_telling`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.alerting import ESCALATE, Told, at, condition, context, minutes, told
from warmstation_server.alerts.action import (
    Acknowledge,
    Assign,
    Comment,
    Resolve,
)
from warmstation_server.alerts.rule import Flapping, Rule


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
    assert [kind for kind, _ in case.said][before:] == ["resolved"]  # which way it ended is said
    assert case.state is None or case.state.phase == "resolved"


def test_flapping_is_not_over_while_it_may_be_about_to_fire() -> None:
    case = told(flapping=Flapping(3, minutes(60)), pending_for=minutes(10))
    case.hear(condition(0), condition(11), condition(12, False), condition(13), condition(24))
    case.hear(condition(25, False), condition(80)).wait(89)
    assert case.state is not None
    assert case.state.word == "flapping"
    case.hear(condition(88, False)).wait(95)
    assert case.story[-2:] == [("steady", 88), ("resolved", 88)]
    assert [kind for kind, _ in case.story].count("resolved") == 2


def test_flapping_that_ends_wrong_goes_on_as_a_firing_alert() -> None:
    case = told(flapping=Flapping(4, timedelta(hours=1)))
    for minute in range(0, 42, 2):
        case.hear(condition(minute, minute % 4 == 0))
    case.hear(*(condition(m) for m in range(45, 120, 5)))
    assert case.state is not None
    assert case.state.word == "firing"
    assert case.said[-1] == ("steady", 100)


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
    case.act(Assign("wang", "li"), 1)
    case.act(Comment("li", "fuse replaced"), 2)
    assert [(one.kind, one.by, one.note) for one in case.transitions[2:]] == [
        ("assigned", "wang", "li"),
        ("commented", "li", "fuse replaced"),
    ]
    assert case.state is not None
    assert case.state.assignee == "li"


def test_who_resolves_it_says_why_and_what_is_still_wrong_begins_anew() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0)).wait(20)
    assert case.state is not None
    first = case.state.id
    case.act(Resolve("wang", "fuse replaced"), 25)
    last = case.transitions[-1]
    assert (last.kind, last.by, last.note) == ("resolved", "wang", "fuse replaced")
    case.hear(condition(30)).wait(45)
    assert case.state is not None
    assert (case.state.word, case.state.id == first) == ("firing", False)
    assert case.story[-1] == ("firing", 40)


def test_what_never_fired_cannot_be_resolved_by_hand() -> None:
    case = told(pending_for=minutes(10)).hear(condition(0)).wait(5)
    case.act(Resolve("wang", "all is well"), 6)
    assert case.story == [("pending", 0)]


def test_data_that_is_back_before_opening_is_not_told_as_missing() -> None:
    case = told("Mo-Su 09:00-18:00", page="open hours", stale_after=minutes(30))
    case.hear(condition(340)).wait(400)  # it closes at 360 and opens at 1260
    assert case.state is not None
    assert case.state.is_stale
    case.hear(*(condition(m) for m in range(420, 1300, 5)))
    assert case.said == [("firing", 340)]


def test_an_alert_lives_on_under_a_rule_with_fewer_steps_up() -> None:
    case = told(escalate=ESCALATE, acknowledge_for=minutes(50)).hear(condition(0)).wait(130)
    case.act(Acknowledge("wang"), 130)
    case.rule = replace(case.rule, escalate=ESCALATE[:1])
    case.wait(200)
    assert case.said[-1] == ("reminder", 180)


def test_what_comes_and_goes_is_settled_where_its_rule_has_no_flapping_any_more() -> None:
    case = told(flapping=Flapping(4, timedelta(hours=1)))
    case.hear(*(condition(m, m % 4 == 0) for m in range(0, 12, 2)))
    assert case.state is not None
    assert (case.state.is_flapping, case.state.is_up) == (True, False)
    case.rule = replace(case.rule, flapping=None)
    case.wait(13)
    assert case.story[-2:] == [("steady", 10), ("resolved", 10)]
    case.hear(condition(14), condition(20, False))
    assert case.story[-1] == ("resolved", 20)


def test_stale_is_said_beside_firing_and_does_not_take_its_place() -> None:
    case = told(stale_after=minutes(30), remind=minutes(60)).hear(condition(0)).wait(45)
    assert case.state is not None
    assert (case.state.word, case.state.is_stale) == ("firing", True)
    assert case.said == [("firing", 0), ("stale", 30)]
