"""A silence is of a trouble, not of one alert: what comes back within it is silent too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.support.alerting import ESCALATE, NAME, Told, at, condition, context, minutes, told
from warmstation_server.alerts import record
from warmstation_server.alerts.action import Resolve, Silence
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.rule import Flapping, Rule

GRADED: dict[str, Any] = {"severity": "urgent", "severity_closed": "notice"}
DAYTIME = "Mo-Su 09:00-18:00"  # minute 0 is noon: it closes at 360 and opens at 1260


def silenced(case: Told, minute: float, until: float, why: str = "part ordered") -> Told:
    case.act(Silence("wang", at(until), why), minute)
    return case


def test_what_comes_back_within_a_silence_is_silent_and_told_once_at_its_end() -> None:
    case = silenced(told(remind=minutes(10), escalate=ESCALATE).hear(condition(0)), 1, 100)
    case.hear(condition(20, False), condition(30)).wait(99)
    assert case.state is not None
    assert (case.state.word, case.state.silenced_until) == ("silenced", at(100))
    assert case.said == [("firing", 0), ("resolved", 20)]
    assert [(one.kind, one.by, one.note) for one in case.transitions][-2:] == [
        ("silenced", "wang", "part ordered"),
        ("firing", None, ""),
    ]
    case.wait(105)
    assert case.said[2:] == [("firing", 100)]
    case.wait(131)
    assert case.said[3:] == [("reminder", 110), ("reminder", 120), ("escalated", 130)]


def test_what_comes_and_goes_within_a_silence_is_told_to_nobody_but_for_its_first_end() -> None:
    case = silenced(told().hear(condition(0)), 1, 100)
    for minute in range(10, 90, 20):
        case.hear(condition(minute, False), condition(minute + 10))
    case.hear(condition(95, False)).wait(1000)
    assert case.said == [("firing", 0), ("resolved", 10)]
    assert case.state is None, "and nothing is remembered after the silence"


def test_what_was_silenced_while_it_was_pending_and_came_back_is_silent() -> None:
    case = silenced(told(pending_for=minutes(10)).hear(condition(0)), 1, 100)
    case.hear(condition(5, False), condition(20)).wait(99)
    assert case.state is not None
    assert (case.state.word, case.said) == ("silenced", [])


def test_a_fire_that_comes_back_is_no_old_one() -> None:
    case = silenced(told(at_once=True).hear(condition(0)), 1, 100)
    case.hear(condition(20, False), condition(30))
    assert case.said == [("firing", 0), ("resolved", 20), ("firing", 30)]


def test_who_says_that_it_is_over_is_told_when_it_is_not() -> None:
    case = silenced(told().hear(condition(0)), 1, 100)
    case.act(Resolve("li", "repaired"), 20)
    case.wait(20).hear(condition(30))
    assert case.said == [("firing", 0), ("resolved", 20), ("firing", 30)]


def test_a_silence_that_is_ended_after_its_alert_pages_what_comes_back() -> None:
    case = silenced(told().hear(condition(0)), 1, 100).hear(condition(20, False))
    assert case.state is not None
    silenced(case, 25, 25).wait(26).hear(condition(30))
    assert case.said == [("firing", 0), ("resolved", 20), ("firing", 30)]


def test_what_grows_graver_than_it_was_silenced_is_told_once_and_says_so() -> None:
    case = told(DAYTIME, remind=minutes(30), **GRADED).hear(condition(400))
    silenced(case, 401, 2000).hear(*(condition(m) for m in range(405, 1990, 5)))
    assert case.said == [("firing", 400), ("severity_up", 1260)]
    advice = case.notices[-1].advice
    assert advice is not None
    assert advice.en == "wang silenced it; it is graver than it was then, so it is told once."
    case.hear(*(condition(m) for m in range(1990, 2005, 5)))
    assert case.said[2:] == [("still_firing", 2000)]
    assert case.notices[-1].advice is None


def test_what_comes_back_graver_than_it_was_silenced_is_told_once() -> None:
    case = silenced(told(DAYTIME, **GRADED).hear(condition(400)), 401, 2000)
    case.hear(condition(450, False), condition(1300), condition(1310, False), condition(1320))
    assert case.said[2:] == [("firing", 1300), ("resolved", 1310)]


def test_what_was_silenced_at_its_gravest_stays_silent_through_nights_and_days() -> None:
    case = silenced(told(DAYTIME, **GRADED).hear(condition(0)), 1, 4000)
    case.hear(*(condition(m) for m in range(5, 3990, 5)))
    assert case.said == [("firing", 0)]


def test_a_silence_of_an_older_server_hushes_all_of_it() -> None:
    case = silenced(told(DAYTIME, **GRADED).hear(condition(400)), 401, 2000)
    assert case.state is not None
    assert case.state.hush is not None
    older = record.state_to_json(case.state).replace('"hush":{', '"was":{')
    case.state = record.state_of(older)
    case.hear(*(condition(m) for m in range(405, 1990, 5)))
    assert case.said == [("firing", 400)]


def test_what_came_and_went_in_a_silence_is_told_as_that_at_its_end() -> None:
    case = told(flapping=Flapping(4, timedelta(hours=3)))
    silenced(case.hear(condition(0)), 0.5, 60)
    case.hear(*(condition(m, m % 4 == 0) for m in range(2, 20, 2))).wait(59)
    assert case.state is not None
    assert case.state.is_flapping
    before = case.said[:]
    case.wait(61)
    assert case.said[len(before) :] == [("flapping", 60)]


def test_what_came_and_went_in_planned_work_is_told_as_that_at_its_end() -> None:
    window = Window("w1", "ks-songnan", at(-10), at(60))
    rule = Rule(NAME, page="always", flapping=Flapping(4, timedelta(hours=3)))
    case = Told(replace(rule, stale_after=timedelta(days=30)), context(windows=(window,)))
    case.hear(*(condition(m, m % 4 == 0) for m in range(0, 20, 2))).wait(61)
    assert case.said == [("flapping", 60)]
