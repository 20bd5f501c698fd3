"""Counting against a crowd of made-up walkers: how far the count drifts from the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from statistics import mean

import pytest

from tests.support.walkers import Habit, Scene, edges, scenes
from warmstation_edge.people import PeopleState, after_edge, after_time

MOST_PER_100 = 0.5


@dataclass
class Tally:
    """The truth and the count of one run; errors in persons by what people did."""

    passages: int = 0
    true_in: int = 0
    true_out: int = 0
    state: PeopleState = field(default_factory=PeopleState)
    errors: Counter[Habit] = field(default_factory=Counter)
    least_inside: int = 0

    def after(self, scene: Scene) -> None:
        before = (self.state.entered, self.state.left)
        for edge in edges(scene):
            self.state = after_edge(self.state, edge)
        self.state = after_time(self.state, scene.ends_at)
        net = self.state.entered - before[0] - (self.state.left - before[1])
        if net != scene.entered - scene.left:
            self.errors[scene.habit] += 1
        self.true_in += scene.entered
        self.true_out += scene.left
        self.passages += scene.entered + scene.left
        self.least_inside = min(self.least_inside, self.state.inside)

    @property
    def drift_per_100(self) -> float:
        counted = self.state.entered - self.state.left
        return 100 * (counted - (self.true_in - self.true_out)) / self.passages

    @property
    def seen_share(self) -> float:
        return (self.state.entered + self.state.left) / self.passages


def run(seed: int, passages: int) -> Tally:
    tally = Tally()
    for scene in scenes(Random(seed), passages):
        tally.after(scene)
    return tally


def said(tallies: list[Tally]) -> str:
    drifts = sorted(abs(tally.drift_per_100) for tally in tallies)
    errors = sum((tally.errors for tally in tallies), Counter[Habit]())
    people = sum(tally.passages for tally in tallies)
    return (
        f"{people} passages in {len(tallies)} runs: net drift per 100 passages"
        f" {mean(drifts):.2f} on average, {drifts[-1]:.2f} at worst;"
        f" {mean(tally.seen_share for tally in tallies):.1%} counted;"
        f" scenes counted wrong: { {str(habit): count for habit, count in errors.items()} }"
    )


def test_the_count_drifts_less_than_half_a_person_in_a_hundred(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tallies = [run(seed, 1000) for seed in (0, 1)]
    with capsys.disabled():
        print(f"\n{said(tallies)}")
    passages = sum(tally.passages for tally in tallies)
    drift = sum(tally.drift_per_100 * tally.passages for tally in tallies) / passages
    assert abs(drift) < MOST_PER_100
    assert min(tally.least_inside for tally in tallies) == 0
    assert min(tally.seen_share for tally in tallies) > 0.9


@pytest.mark.slow
def test_many_crowds_drift_less_than_half_a_person_in_a_hundred(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tallies = [run(seed, 2000) for seed in range(100, 120)]
    with capsys.disabled():
        print(f"\n{said(tallies)}")
    assert mean(abs(tally.drift_per_100) for tally in tallies) < MOST_PER_100
    bias = mean(tally.drift_per_100 for tally in tallies)
    assert abs(bias) < 0.2, "both directions alike"


@pytest.mark.parametrize(
    ("habit", "most_wrong"), [(Habit.WALKS, 0.03), (Habit.TURNS_BACK, 0.04), (Habit.LINGERS, 0.1)]
)
def test_who_comes_alone_is_seldom_counted_wrong(habit: Habit, most_wrong: float) -> None:
    alone = [scene for scene in scenes(Random(7), 1800) if scene.habit is habit][:100]
    tally = Tally()
    for scene in alone:
        tally.after(scene)
    assert sum(tally.errors.values()) <= most_wrong * len(alone)
