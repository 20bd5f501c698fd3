"""Whatever is said, done, planned, restarted and comes late: what must hold of alerts holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.alerts.test_order import RULES, SECOND, WHERE
from tests.support.alerting import OneScene, TextStore, at
from warmstation_server.accounts.audit import Entry
from warmstation_server.alerts.action import Acknowledge, Action, Assign, Comment, Resolve, Silence
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rule import Flapping, Rule
from warmstation_server.alerts.state import Transition
from warmstation_server.notify.notice import Notice

EVERY = (
    *RULES,
    Rule(
        "heating.cold",
        keep_firing_for=timedelta(seconds=15),
        page="open hours",
        inhibited_by=("heating.no_heat", "station.offline"),
        flapping=Flapping(3, timedelta(seconds=60)),
        remind=timedelta(seconds=80),
    ),
    Rule("safety.smoke", severity="critical", page="always", at_once=True),
)
ENDS_S = 300
QUIET_S = 1200
LOUD = {"firing", "still_firing", "severity_up", "reminder", "escalated"}


@dataclass
class Told:
    """What came of a run."""

    store: TextStore
    open_keys: Counter[tuple[str, ...]] = field(default_factory=Counter)

    @property
    def all(self) -> tuple[list[Transition], list[tuple[str, Notice]]]:
        entries = sorted(self.store.transitions, key=lambda one: (one.alert_id, one.number))
        return entries, sorted(self.store.notices.items(), key=lambda one: one[0])

    @property
    def pages(self) -> Counter[tuple[datetime, str, str, str]]:
        return Counter(
            (one.at, one.kind, one.severity, str(one.title)) for one in self.store.notices.values()
        )


@dataclass(frozen=True)
class Story:
    """Seconds after T0: what is heard, done and planned; when the server stops."""

    heard: tuple[tuple[int, Condition], ...]
    done: tuple[tuple[int, Action], ...]
    planned: tuple[tuple[int, Window | str], ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    second = st.integers(0, ENDS_S)
    heard = []
    for _ in range(draw(st.integers(2, 25))):
        rule = draw(st.sampled_from(EVERY))
        when = draw(second)
        value = draw(st.floats(0, 0.5, width=16)) if rule.raise_below else None
        holds = draw(st.sampled_from([True, True, False, None])) if value is None else value < 0.2
        ago = draw(st.integers(20, 200)) if (late := draw(st.integers(0, 5)) == 0) else 0
        subject = draw(st.sampled_from(["", "p1"])) if rule.name == "supplies.low" else ""
        one = Condition(
            "ks-songnan", rule.name, holds, at(0) + (when - ago) * SECOND, subject, value
        )
        heard.append((when, one._replace(is_late=late)))
    unique = {(when, one.key): one for when, one in heard}
    act: st.SearchStrategy[Action] = st.sampled_from(
        [
            Acknowledge("wang"),
            Acknowledge("wang", lasting=timedelta(seconds=20)),
            Silence("li", at(3)),
            Silence("li", at(-1)),
            Assign("li", "wang"),
            Comment("li", "on my way"),
            Resolve("wang", "fuse"),
        ]
    )
    done = draw(st.lists(st.tuples(second, act), max_size=4))
    planned: list[tuple[int, Window | str]] = []
    for number in range(draw(st.integers(0, 2))):
        begins, lasts = draw(second), draw(st.integers(1, 120))
        names = draw(st.sampled_from([(), ("heating.no_heat",)]))
        start = at(0) + begins * SECOND
        window = Window(f"w{number}", "ks-songnan", start, start + lasts * SECOND, names)
        told_s = draw(st.integers(0, begins))
        planned.append((told_s, window))
        if draw(st.booleans()):
            planned.append((draw(st.integers(told_s, ENDS_S)), window.id))
    return Story(
        tuple((when, one) for (when, _), one in sorted(unique.items())),
        tuple(sorted(done, key=lambda one: one[0])),
        tuple(sorted(planned, key=lambda one: one[0])),
    )


def run(story: Story, stops: Iterable[int] = (), *, hears_late: bool = True) -> Told:
    """A turn every five seconds; at each of `stops` the desk is thrown away and made anew."""
    store, scene = TextStore(), OneScene(EVERY, WHERE)
    told, desk = Told(store), Desk(store, scene)
    before = -1
    for second in [*range(0, ENDS_S + 5, 5), *range(ENDS_S + 10, ENDS_S + QUIET_S, 30)]:
        now = at(0) + second * SECOND
        due = range(before + 1, second + 1)
        for when, window in story.planned:
            if when in due:
                desk.cancel(window) if isinstance(window, str) else desk.plan(window)
        for when, action in story.done:
            if when in due:
                for state in desk.states():
                    desk.ask(state.id, action, _audited)
        heard = [one for when, one in story.heard if when in due]
        desk.turn([one for one in heard if hears_late or not one.is_late], now)
        if any(stop in due for stop in stops):
            desk = Desk(store, scene)
            desk.resume(now)
        is_open = [one.key for one in desk.states() if one.phase in ("pending", "firing")]
        told.open_keys |= Counter(is_open)
        before = second
    assert desk.failed == 0
    return told


def _audited(before: object, after: object) -> Entry:
    return Entry(at(0), "wang", "alert.acted", "x")


@settings(max_examples=8, derandomize=True)
@given(stories(), st.sets(st.integers(0, ENDS_S), max_size=6))
def test_a_restart_anywhere_changes_nothing_at_all(story: Story, stops: set[int]) -> None:
    assert run(story, stops).all == run(story).all


@settings(max_examples=8, derandomize=True)
@given(stories())
def test_what_must_hold_holds(story: Story) -> None:
    told = run(story)
    transitions, notices = told.store.transitions, list(told.store.notices.values())
    assert all(count == 1 for count in told.open_keys.values()), "one trouble, one alert"
    for entry in transitions:
        if entry.kind == "resolved" and entry.by is None:
            _somebody_said_so(entry, story)
    begun = Counter(one.alert_id for one in transitions if one.kind in ("firing", "flapping"))
    ended = Counter(one.alert_id for one in transitions if one.kind == "resolved")
    for kind, most in (("firing", begun), ("resolved", ended)):
        for alert, count in Counter(one.alert_id for one in notices if one.kind == kind).items():
            assert count <= most[alert], "paged twice for one transition"
    numbers = Counter((one.alert_id, one.number) for one in transitions)
    assert all(count == 1 for count in numbers.values())
    _planned_work_is_quiet(story, notices, transitions)


@settings(max_examples=8, derandomize=True)
@given(stories())
def test_what_comes_late_pages_nobody(story: Story) -> None:
    story = replace(story, done=())  # people would find other alerts to act on
    assert run(story).pages == run(story, hears_late=False).pages


def _somebody_said_so(entry: Transition, story: Story) -> None:
    key = (entry.station, entry.name, entry.subject)
    fine = [
        one
        for _, one in story.heard
        if one.key == key and (one.holds is False or (one.value or 0) > 0.2) and one.at <= entry.at
    ]
    assert fine or entry.is_late, f"resolved by nothing: {entry}"


def _planned_work_is_quiet(
    story: Story, notices: list[Notice], transitions: list[Transition]
) -> None:
    names = {one.alert_id: one.name for one in transitions}
    cancelled = {one for _, one in story.planned if isinstance(one, str)}
    windows = [w for _, w in story.planned if isinstance(w, Window) and w.id not in cancelled]
    for notice in notices:
        name = names[notice.alert_id]
        for one in windows:
            is_in = one.start < notice.at < one.end and (not one.names or name in one.names)
            assert not (is_in and notice.kind in LOUD and name != "safety.smoke"), notice


def said(second: int, name: str, holds: bool = True, **more: Any) -> tuple[int, Condition]:
    return second, Condition("ks-songnan", name, holds, at(second / 60), **more)


def work(told_s: int, start_s: int, end_s: int) -> tuple[int, Window]:
    return told_s, Window("w", "ks-songnan", at(start_s / 60), at(end_s / 60))


def kinds(told: Told) -> list[tuple[str, float]]:
    found = [(one.kind, (one.at - at(0)).total_seconds()) for one in told.store.notices.values()]
    return sorted(found, key=lambda one: one[1])


def test_a_restart_before_anything_was_ever_decided_dates_nothing_later() -> None:
    fine, smoke = said(0, "heating.no_heat", holds=False), said(6, "safety.smoke")
    story = Story((fine, smoke), (), ())
    assert run(story, (1,)).all == run(story).all
    assert kinds(run(story)) == [("firing", 6)]


def test_a_correction_has_the_same_date_whether_or_not_the_server_stopped_before_it() -> None:
    late = Condition("ks-songnan", "heating.no_heat", True, at(0) - SECOND, is_late=True)
    story = Story((said(0, "heating.no_heat"), (136, late)), (), ())
    assert run(story, (131,)).all == run(story).all
    assert "corrected" in [one.kind for one in run(story).store.transitions]


def test_what_falls_due_in_planned_work_that_nobody_has_looked_at_yet_is_done_once() -> None:
    taken = (71, Acknowledge("wang", lasting=timedelta(seconds=20)))
    story = Story((said(30, "heating.cold"),), (taken,), (work(40, 91, 99),))
    found = run(story)
    assert ("acknowledgement_expired", 95) in [
        (one.kind, (one.at - at(0)).total_seconds()) for one in found.store.transitions
    ]
    assert kinds(found)[:2] == [("firing", 30), ("still_firing", 99)]


@pytest.mark.parametrize("stops", [(), (214,), (178, 190, 279, 285)])
def test_planned_work_at_a_station_that_says_nothing_ends_with_one_notice(
    stops: tuple[int, ...],
) -> None:
    story = Story((said(0, "supplies.low", value=0.1),), (), (work(64, 177, 280),))
    assert kinds(run(story, stops)) == [("firing", 0), ("still_firing", 280)]


def test_work_that_has_ended_hushed_what_is_decided_after_its_end() -> None:
    heard = (said(47, "heating.cold"),)
    story = Story(heard, (), (work(8, 14, 97), (108, Window("v", "x", at(9), at(10)))))
    assert kinds(run(story))[:1] == [("still_firing", 97)]


def test_what_somebody_ends_is_told_though_the_station_says_no_more() -> None:
    story = Story((said(4, "safety.smoke"),), ((152, Resolve("wang", "toast")),), ())
    assert kinds(run(story)) == [("firing", 4), ("resolved", 155)]


def test_a_low_level_known_late_does_not_tip_a_level_between_the_limits() -> None:
    late = said(51, "supplies.low", value=0.04, is_late=True)[1]
    story = Story(((117, late), said(141, "supplies.low", holds=False, value=0.29)), (), ())
    assert kinds(run(story)) == []
