"""Random rules, words, deeds, restarts and clocks, against a few rules that know no lifecycle."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.support.alerting import OneScene, TextStore, at, context
from warmstation_server.alerts.action import Acknowledge, Action, Resolve, Silence
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.docket import LATENESS
from warmstation_server.alerts.rule import TIERS, Escalation, Flapping, Rule
from warmstation_server.alerts.state import AlertState

HIDES = {
    "station.offline": (),
    "heating.no_heat": ("station.offline",),
    "heating.cold": ("heating.no_heat", "station.offline"),
    "supplies.low": ("station.offline",),
    "safety.smoke": (),
}
HOURS = ("24/7", "Mo-Su 09:00-12:02", "Mo-Su 12:03-12:05,12:07-12:20", "Mo-Su 12:04-12:30")
ENDS_S, STEP_S = 600, 5
STEPS = (*range(0, ENDS_S + 100, STEP_S), *range(ENDS_S + 100, ENDS_S + 110_000, 1_500))


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@dataclass
class Life:
    """A station's day at a random server, and what was wrong with it."""

    seed: int
    steps_clock: bool
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = chance = random.Random(self.seed)
        self.rules = {name: self._rule(name) for name in HIDES}
        self.where = context(chance.choice(HOURS))
        self.store = TextStore()
        self.clock: list[tuple[int, int, float]] = []
        if self.steps_clock:
            off = chance.choice([30, 3_000, 86_400, -30, -3_000]) + chance.random()
            self.clock = [(begins := chance.randint(20, 500), begins + 100, off)]

    def live(self) -> list[str]:
        words, deeds, plans = self._words(), self._deeds(), self._plans()
        stops = {self.random.randrange(0, ENDS_S, STEP_S) for _ in range(2)}
        desk = self._desk()
        for second in STEPS:
            now = self._now(second)
            due = range(second - STEP_S + 1, second + 1)
            for when, deed in deeds:
                if when in due:
                    for state in desk.states():
                        desk.ask(state.id, deed)
            for when, window in plans:
                if when in due:
                    desk.plan(window)
            is_end = ENDS_S < second < ENDS_S + 100
            fine = self._all_is_well(second) if is_end else []
            desk.turn([*(one for when, one in words if when in due), *fine], now)
            if not self.clock:
                self._is_everything_told(desk.states(), now)
            if second in stops:
                if self.random.random() < 0.3:
                    name = self.random.choice(list(HIDES))
                    self.rules[name] = self._rule(name)
                desk = self._desk()
                desk.resume(now)
        if desk.failed or desk.states():
            self.faults.append(f"failed {desk.failed}, left {desk.states()}")
        self._is_every_end_told()
        return self.faults

    def _desk(self) -> Desk:
        return Desk(self.store, OneScene(self.rules.values(), self.where))

    def _now(self, second: float) -> datetime:
        off = sum(off for begins, ends, off in self.clock if begins <= second < ends)
        return at(0) + s(second + off)

    def _is_everything_told(self, states: list[AlertState], now: datetime) -> None:
        told = {one.alert_id for one in self.store.notices.values()}
        for one in states:
            rule = self.rules[one.name]
            decided = now if rule.at_once else now - LATENESS
            is_long = one.fired_at is not None and one.fired_at <= decided - s(STEP_S)
            may_page = rule.page == "always" or all(
                self.where.is_open(decided - s(ago)) for ago in (0, STEP_S)
            )
            is_covered = one.is_stale or one.is_maintained or one.word != "firing"
            if is_long and may_page and not is_covered and one.id not in told:
                self.faults.append(f"nobody was told: {one}")

    def _is_every_end_told(self) -> None:
        stories = defaultdict(list)
        for entry in self.store.transitions:
            stories[entry.alert_id].append(entry)
        said = defaultdict(list)
        for notice in self.store.notices.values():
            said[notice.alert_id].append(notice.kind)
        for alert, story in stories.items():
            numbers, kinds = [one.number for one in story], [one.kind for one in story]
            if numbers != sorted(set(numbers)):
                self.faults.append(f"numbers of {alert}: {numbers}")
            if kinds.count("resolved") + kinds.count("dropped") != 1:
                self.faults.append(f"ends of {alert}: {kinds}")
            loud = [kind for kind in said[alert] if kind != "acknowledged"]
            if loud and (loud[-1] != "resolved" or loud.count("resolved") > 1 or loud[1:] == []):
                self.faults.append(f"told of {alert}: {loud}")

    def _rule(self, name: str) -> Rule:
        chance, is_smoke, is_level = self.random, name == "safety.smoke", name == "supplies.low"
        steps = [chance.randint(10, 200) for _ in range(chance.randint(0, 2))]
        tiers = zip(steps, TIERS[1:3], strict=False)
        return Rule(
            name,
            pending_for=s(0 if is_smoke else chance.choice([0, 1, 20, 90])),
            keep_firing_for=s(chance.choice([0, 1, 20, 90])),
            severity="critical" if is_smoke else chance.choice(["warning", "urgent"]),
            severity_closed=None if is_smoke else chance.choice([None, "notice"]),
            page="always" if is_smoke else chance.choice(["always", "open hours"]),
            escalate=tuple(Escalation(s(after), tier) for after, tier in tiers),
            remind=chance.choice([None, s(60)]),
            acknowledge_for=s(chance.randint(20, 200)),
            stale_after=s(chance.randint(50, 400)),
            flapping=chance.choice([None, Flapping(chance.randint(3, 6), s(200))]),
            inhibited_by=HIDES[name],
            at_once=is_smoke,
            is_absence=name == "station.offline",
            raise_below=0.2 if is_level else None,
            clear_above=0.3 if is_level else None,
        )

    def _words(self) -> list[tuple[int, Condition]]:
        chance = self.random
        found = []
        for _ in range(chance.randint(5, 45)):
            when, name = chance.randint(0, ENDS_S), chance.choice(list(HIDES))
            value = round(chance.random() / 2, 2) if name == "supplies.low" else None
            holds = chance.choice([True, True, False, None]) if value is None else value < 0.2
            is_late = chance.random() < 0.1
            ago = chance.randint(20, 200) if is_late else chance.choice([0, 0, 4, 9, 15])
            moment = at(0) + s(when - ago) if chance.random() < 0.5 else self._now(when - ago)
            said = Condition("ks-songnan", name, holds, moment, value=value, is_late=is_late)
            found.append((when, said))
        return sorted(found, key=lambda one: one[0])

    def _deeds(self) -> list[tuple[int, Action]]:
        deeds: list[tuple[int, Action]] = []
        for _ in range(self.random.randint(0, 5)):
            when = self.random.randint(0, ENDS_S)
            until = self._now(when + self.random.randint(-5, 300))
            some = (Acknowledge("wang"), Silence("li", until, "known"), Resolve("wang", "fuse"))
            deeds.append((when, self.random.choice(some)))
        return deeds

    def _plans(self) -> list[tuple[int, Window]]:
        begins = self.random.randint(0, ENDS_S)
        start = at(0) + s(begins)
        return [(begins // 2, Window("w", "ks-songnan", start, start + s(100)))]

    def _all_is_well(self, second: int) -> Iterator[Condition]:
        for name in HIDES:
            value = 0.5 if name == "supplies.low" else None
            yield Condition("ks-songnan", name, False, self._now(second), value=value)


@pytest.mark.parametrize("steps_clock", [False, True], ids=["clock", "clock that steps"])
def test_whatever_happens_everything_is_told_ends_and_is_told_to_end(*, steps_clock: bool) -> None:
    found = {seed: faults for seed in range(40) if (faults := Life(seed, steps_clock).live())}
    assert found == {}
