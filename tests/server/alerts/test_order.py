"""Any shuffle within the lateness bound, and a stop at any point, change nothing that is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.alerting import OneScene, TextStore, at, context
from warmstation_server.alerts.action import Acknowledge, Silence
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.docket import LATENESS
from warmstation_server.alerts.rule import Escalation, Flapping, Rule
from warmstation_server.alerts.state import Transition
from warmstation_server.notify.notice import Notice

SECOND = timedelta(seconds=1)
RULES = (
    Rule(
        "heating.no_heat",
        pending_for=timedelta(seconds=40),
        keep_firing_for=timedelta(seconds=30),
        escalate=(
            Escalation(timedelta(seconds=60), "community"),
            Escalation(timedelta(seconds=150), "street"),
        ),
        remind=timedelta(seconds=90),
        acknowledge_for=timedelta(seconds=70),
        stale_after=timedelta(seconds=100),
        inhibited_by=("station.offline",),
        severity="urgent",
        severity_closed="notice",
    ),
    Rule(
        "supplies.low",
        raise_below=0.2,
        clear_above=0.3,
        page="always",
        flapping=Flapping(4, timedelta(seconds=120)),
        inhibited_by=("station.offline",),
    ),
    Rule(
        "station.offline",
        pending_for=timedelta(seconds=20),
        keep_firing_for=timedelta(seconds=10),
        page="always",
        is_absence=True,
    ),
)
WHERE = context("Mo-Su 09:00-12:02")
"""It closes two minutes after T0."""
LENGTH_S = 240


@st.composite
def conditions(draw: st.DrawFn) -> list[Condition]:
    """What is said of one or two stations in seven minutes."""
    found: list[Condition] = []
    for _ in range(draw(st.integers(1, 30))):
        name = draw(st.sampled_from([rule.name for rule in RULES]))
        value = draw(st.floats(0, 0.5, width=16)) if name == "supplies.low" else None
        holds = draw(st.sampled_from([True, True, False, None]))
        if value is not None:
            holds = value < 0.2
        found.append(
            Condition(
                draw(st.sampled_from(["ks-a", "ks-b"])),
                name,
                holds,
                at(draw(st.integers(0, LENGTH_S)) / 60),
                value=value,
            )
        )
    return sorted({(one.key, one.at): one for one in found}.values(), key=lambda one: one.at)


def run(
    arrivals: list[tuple[datetime, Condition]],
    acts: dict[int, Acknowledge | Silence] | None = None,
    stops: set[int] | None = None,
) -> TextStore:
    """A turn a second; at each of `stops` the desk is thrown away and made anew."""
    store, scene = TextStore(), OneScene(RULES, WHERE)
    desk = Desk(store, scene)
    pending = sorted(arrivals, key=lambda one: one[0])
    now = at(0)
    for second in [*range(LENGTH_S), *range(LENGTH_S, LENGTH_S + 900, 20)]:
        now = at(0) + second * SECOND
        ready = [one for when, one in pending if when <= now]
        pending = [one for one in pending if one[0] > now]
        if acts and second in acts:
            for state in desk.states():
                desk.ask(state.id, acts[second])
        desk.turn(ready, now)
        if stops and second in stops:
            desk = Desk(store, scene)
            desk.resume(now)
    assert desk.failed == 0
    return store


def told(store: TextStore) -> tuple[list[Transition], list[tuple[str, Notice]]]:
    entries = sorted(store.transitions, key=lambda one: (one.alert_id, one.number))
    return list(entries), sorted(store.notices.items(), key=lambda one: one[0])


@settings(max_examples=25)
@given(conditions(), st.randoms(use_true_random=False))
def test_any_shuffle_within_the_bound_gives_the_same_transitions(found, random) -> None:  # type: ignore[no-untyped-def]
    straight = run([(one.at, one) for one in found])
    bound_s = LATENESS.total_seconds() - 1
    delayed = [(one.at + timedelta(seconds=random.uniform(0, bound_s)), one) for one in found]
    assert told(run(delayed)) == told(straight)


@settings(max_examples=25)
@given(
    conditions(),
    st.sets(st.integers(0, LENGTH_S - 1), max_size=8),
    st.dictionaries(
        st.integers(0, LENGTH_S),
        st.sampled_from([Acknowledge("wang"), Silence("li", at(3))]),
        max_size=3,
    ),
)
def test_a_stop_at_any_point_repeats_and_forgets_nothing(found, stops, acts) -> None:  # type: ignore[no-untyped-def]
    arrivals = [(one.at, one) for one in found]
    assert told(run(arrivals, acts, stops)) == told(run(arrivals, acts))
