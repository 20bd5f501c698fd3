"""Every timer of an alert survives a stop of the server, to the second, in the real registry."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.support.alerting import OneScene, TextStore, at, condition, context, minutes
from tests.support.migrated import migrated
from warmstation_server.alerts import record
from warmstation_server.alerts.action import Acknowledge, Silence
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rule import Escalation, Flapping, Rule
from warmstation_server.alerts.store import AlertStore
from warmstation_server.places import Text
from warmstation_server.registry import Registry

NAME = "heating.no_heat"
PLAIN = Rule(NAME, page="always", keep_firing_for=minutes(0), stale_after=minutes(600))
Said = dict[float, list[Condition]]
Does = dict[float, Callable[[Desk], object]]


@dataclass(frozen=True)
class Timer:
    """A rule, what is heard and done at which minute, and what must come of it at which."""

    rule: Rule
    expects: tuple[str, float]
    heard: Said = field(default_factory=lambda: holds(0))
    does: Does = field(default_factory=dict)
    hours: str = "24/7"


def holds(*spans: float, until: float = 60) -> Said:
    """It holds from the first minute, not from the second, and so on; said every five minutes."""
    found: Said = {}
    for minute in range(0, int(until), 5):
        passed = [one for one in spans if one <= minute]
        if passed:
            found[float(minute)] = [condition(minute, len(passed) % 2 == 1, NAME)]
    for number, one in enumerate(spans):
        found[one] = [condition(one, number % 2 == 0, NAME)]
    return found


def of_it(desk: Desk) -> str:
    (state,) = desk.states()
    return state.id


TIMERS = {
    "for": Timer(replace(PLAIN, pending_for=minutes(12)), ("firing", 12)),
    "keep_firing_for": Timer(
        replace(PLAIN, keep_firing_for=minutes(12)), ("resolved", 22), heard=holds(0, 10)
    ),
    "escalation": Timer(
        replace(PLAIN, escalate=(Escalation(minutes(17), "community"),)), ("escalated", 17)
    ),
    "reminder": Timer(replace(PLAIN, remind=minutes(23)), ("reminded", 23)),
    "acknowledgement": Timer(
        replace(PLAIN, acknowledge_for=minutes(13)),
        ("acknowledgement_expired", 18),
        does={5: lambda desk: desk.ask(of_it(desk), Acknowledge("wang"))},
    ),
    "silence": Timer(
        PLAIN,
        ("silence_expired", 27),
        does={5: lambda desk: desk.ask(of_it(desk), Silence("wang", at(27)))},
    ),
    "planned work": Timer(
        PLAIN,
        ("told still_firing", 31),
        does={0: lambda desk: desk.plan(Window("w1", "ks-songnan", at(-5), at(31)))},
    ),
    "stale": Timer(
        replace(PLAIN, stale_after=minutes(14)), ("stale", 24), heard=holds(0, until=14)
    ),
    "flapping": Timer(
        replace(PLAIN, flapping=Flapping(4, minutes(20))),
        ("steady", 28),
        heard={float(one): [condition(one, one % 4 == 0, NAME)] for one in range(0, 10, 2)}
        | holds(8),
    ),
    "opening": Timer(
        replace(PLAIN, page="open hours"),
        ("told firing", 21),
        hours="Mo-Su 12:21-20:00",
        heard=holds(0),
    ),
}


Story = list[tuple[str, datetime]]


def lived(
    store: AlertStore, timer: Timer, is_up: Callable[[float], bool], *, restarts: bool = False
) -> Story:
    """What happened and what was told, at which moment of event time.

    A turn every half minute while the server is up; what is said meanwhile comes when it is back.
    """
    scene = OneScene((timer.rule,), context(timer.hours))
    missed: list[Condition] = []
    told: Story = []
    desk = None
    for step in range(2 * 45):
        minute = step / 2
        missed += timer.heard.get(minute, [])
        if not is_up(minute):
            desk = None
            continue
        if desk is None or restarts:
            desk = Desk(store, scene)
            desk.resume(at(minute))
        if minute in timer.does:
            timer.does[minute](desk)
        decided = desk.turn(missed, at(minute))
        told += [(one.kind, one.at) for one in decided.transitions]
        told += [(f"told {one.kind}", one.at) for one in decided.notices]
        missed = []
    return sorted(told)


def always(_minute: float) -> bool:
    return True


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_runs_out_at_its_moment_of_event_time(name: str) -> None:
    timer = TIMERS[name]
    kind, minute = timer.expects
    found = lived(TextStore(), timer, always)
    assert [when for what, when in found if what == kind] == [at(minute)]


@pytest.mark.parametrize("name", TIMERS)
def test_a_new_server_in_every_turn_changes_nothing(name: str) -> None:
    timer = TIMERS[name]
    assert lived(TextStore(), timer, always, restarts=True) == lived(TextStore(), timer, always)


@pytest.mark.parametrize("name", TIMERS)
def test_a_server_that_is_away_when_it_runs_out_takes_it_up_to_the_second(
    name: str, tmp_path: Path
) -> None:
    timer = TIMERS[name]
    _, minute = timer.expects
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        away = lived(registry.alerts, timer, lambda one: not -2 <= one - minute <= 4)
    assert away == lived(TextStore(), timer, always)


def test_what_waited_is_kept_whole_and_an_older_servers_record_of_it_is_read() -> None:
    said = Condition(
        "ks-songnan",
        NAME,
        True,
        at(1),
        subject="room",
        value=1.5,
        since=at(0),
        evidence={"link": "power", "power_w": 3.0},
        advice=Text("查看电源", "Look at the supply"),
    )
    assert record.conditions_of(record.conditions_to_json((said,))) == (said,)
    older = TypeAdapter(dict[str, Any]).dump_json(said._asdict()).decode()
    assert record.conditions_of(f"[{older}]") == (said,)
