"""Counting against a crowd of made-up walkers: how far the count drifts from the truth."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from statistics import mean, stdev

import pytest

from tests.support.walkers import Habit, Scene, edges, queue, scenes
from warmstation_edge.people import PeopleState, after_edge, after_time

MOST_PER_100 = 0.5
SURE = 2.6
"""Standard errors of the mean that hold the truth in 99 cases of 100."""


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
    return counted(scenes(Random(seed), passages))


def counted(crowd: Iterable[Scene]) -> Tally:
    tally = Tally()
    for scene in crowd:
        tally.after(scene)
    return tally


def said(tallies: list[Tally]) -> str:
    drifts = sorted(abs(tally.drift_per_100) for tally in tallies)
    errors = sum((tally.errors for tally in tallies), Counter[Habit]())
    people = sum(tally.passages for tally in tallies)
    net, within = net_drift(tallies)
    return (
        f"{people} passages in {len(tallies)} runs: net drift {net:+.2f} +/- {within:.2f} in 100"
        f" passages (99 %); a run's own {mean(drifts):.2f} on average, {drifts[-1]:.2f} at worst,"
        f" {sum(drift >= MOST_PER_100 for drift in drifts)} of them {MOST_PER_100} or more;"
        f" {mean(tally.seen_share for tally in tallies):.1%} counted;"
        f" scenes counted wrong: { {str(habit): count for habit, count in errors.items()} }"
    )


def net_drift(tallies: list[Tally]) -> tuple[float, float]:
    """Per 100 passages over all runs, and how far off that estimate may be."""
    drifts = [tally.drift_per_100 for tally in tallies]
    return mean(drifts), SURE * stdev(drifts) / math.sqrt(len(drifts))


def test_the_count_drifts_less_than_half_a_person_in_a_hundred(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tallies = [run(seed, 1000) for seed in (0, 1, 2)]
    with capsys.disabled():
        print(f"\n{said(tallies)}")
    assert abs(mean(tally.drift_per_100 for tally in tallies)) < MOST_PER_100
    assert min(tally.least_inside for tally in tallies) == 0
    assert min(tally.seen_share for tally in tallies) > 0.97


@pytest.mark.slow
def test_many_crowds_drift_less_than_half_a_person_in_a_hundred(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each run for itself, and all together. Two abreast are one for any two beams: they make most
    of what is left, alike in and out."""
    seeds = range(100, 120)
    tallies = [run(seed, 5000) for seed in seeds]
    told = [
        counted(one for one in scenes(Random(seed), 5000) if one.habit is not Habit.ABREAST)
        for seed in seeds[:4]
    ]
    with capsys.disabled():
        print(f"\n{said(tallies)}\nnobody abreast: {said(told)}")
    net, within = net_drift(tallies)
    assert abs(net) + within < MOST_PER_100, "and both directions alike"
    assert max(abs(tally.drift_per_100) for tally in tallies) < MOST_PER_100
    assert max(abs(tally.drift_per_100) for tally in told) < MOST_PER_100


@pytest.mark.parametrize(
    ("habit", "most_wrong"),
    [
        (Habit.WALKS, 0.01),
        (Habit.TURNS_BACK, 0.02),
        (Habit.LINGERS, 0.03),
        (Habit.TAILGATES, 0.05),
    ],
)
def test_whoever_can_be_told_apart_is_seldom_counted_wrong(habit: Habit, most_wrong: float) -> None:
    of_a_kind = [scene for scene in scenes(Random(7), 1800) if scene.habit is habit][:100]
    tally = Tally()
    for scene in of_a_kind:
        tally.after(scene)
    assert sum(tally.errors.values()) <= most_wrong * len(of_a_kind)


@pytest.mark.parametrize("apart_m", [0.1, 0.15, 0.2])
def test_a_queue_is_counted_one_by_one_however_far_apart_the_beams_are(apart_m: float) -> None:
    rng, tally = Random(3), Tally(state=PeopleState(apart_m=apart_m))
    start = 10.0
    for _ in range(25):
        scene = queue(rng, 6, apart_m, start)
        tally.after(scene)
        start = scene.ends_at + 1.0
    assert tally.seen_share == pytest.approx(1, abs=0.02)
    assert abs(tally.drift_per_100) < 1
