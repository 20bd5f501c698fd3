"""People in a doorway as two light beams see them: bodies with a width and a path through it.

One axis runs from the street (negative) into the room. The outer beam lies at 0, the inner one
`APART_M` further in. A body darkens a beam while it covers it; a bag or an arm is a second, smaller
body that swings before or behind its owner. Nothing here knows how anybody counts.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from warmstation_edge.people import Beam, Edge

APART_M = 0.15
STEP_S = 0.01
FAR_M = 0.9
"""Where a path begins and ends: well clear of both beams."""


class Habit(StrEnum):
    """How somebody comes through a door."""

    WALKS = "walks"
    TAILGATES = "tailgates"
    ABREAST = "abreast"
    TURNS_BACK = "turns back"
    LINGERS = "lingers"


# Through a single door few walk abreast, and none of two beams can tell them from one.
SHARES = {
    Habit.WALKS: 0.74,
    Habit.TAILGATES: 0.10,
    Habit.ABREAST: 0.02,
    Habit.TURNS_BACK: 0.08,
    Habit.LINGERS: 0.06,
}
BAGS = 0.35
BAG_M = 0.12


@dataclass(frozen=True)
class Body:
    """Metres covered along the axis, and the way its middle takes: times (s) and places (m)."""

    width_m: float
    times: list[float]
    places: list[float]
    swing: tuple[float, float, float] | None = None
    """A bag: reach (m), period (s), phase."""

    def covered(self, at: float) -> list[tuple[float, float]]:
        """What is in the way now, this body and what it carries: from where to where (m)."""
        if not self.times[0] <= at <= self.times[-1]:
            return []
        middle = self._middle(at)
        found = [(middle - self.width_m / 2, middle + self.width_m / 2)]
        if self.swing is not None:
            reach, period, phase = self.swing
            bag = middle + reach * math.sin(2 * math.pi * at / period + phase)
            found.append((bag - BAG_M / 2, bag + BAG_M / 2))
        return found

    def _middle(self, at: float) -> float:
        number = min(max(bisect(self.times, at), 1), len(self.times) - 1)
        t0, t1 = self.times[number - 1], self.times[number]
        x0, x1 = self.places[number - 1], self.places[number]
        return x0 + (x1 - x0) * (at - t0) / (t1 - t0)


@dataclass(frozen=True)
class Scene:
    """Bodies that are in the doorway together; `entered` and `left` are the truth."""

    habit: Habit
    bodies: list[Body]
    entered: int
    left: int
    ends_at: float
    apart_m: float = APART_M


def scenes(rng: Random, passages: int, start: float = 10.0) -> Iterator[Scene]:
    """Scenes one after another until so many people have passed, as many in as out on average."""
    passed, at = 0, start
    while passed < passages:
        scene = _scene(rng, at)
        passed += scene.entered + scene.left
        at = scene.ends_at + rng.uniform(0.8, 20.0)
        yield scene


def queue(rng: Random, people: int, apart_m: float = APART_M, start: float = 10.0) -> Scene:
    """As after a lecture: one behind the other, each at a pace of their own, many with bags."""
    is_inward = rng.random() < 0.5
    pace = rng.uniform(0.6, 1.3)
    bodies = []
    for _ in range(people):
        one = _walker(rng, start, Habit.WALKS, is_inward)
        speed = pace * rng.uniform(0.85, 1.15)
        way_m = abs(one.places[-1] - one.places[0])
        bodies.append(Body(one.width_m, [start, start + way_m / speed], one.places, one.swing))
        start += (one.width_m + rng.uniform(0.25, 0.8)) / speed
    entered, left = (people, 0) if is_inward else (0, people)
    ends_at = max(body.times[-1] for body in bodies) + 0.7
    return Scene(Habit.TAILGATES, bodies, entered, left, ends_at, apart_m)


def edges(scene: Scene) -> list[Edge]:
    """What the two beams say of a scene, in order."""
    found: list[Edge] = []
    dark = {Beam.OUTER: False, Beam.INNER: False}
    beams = ((Beam.OUTER, 0.0), (Beam.INNER, scene.apart_m))
    at = min(body.times[0] for body in scene.bodies)
    while at <= scene.ends_at:
        covered = [span for body in scene.bodies for span in body.covered(at)]
        for beam, place in beams:
            is_dark = any(begin <= place <= end for begin, end in covered)
            if is_dark != dark[beam]:
                dark[beam] = is_dark
                found.append(Edge(at, beam, is_dark))
        at += STEP_S
    return found


def _scene(rng: Random, at: float) -> Scene:
    habit = rng.choices(list(SHARES), list(SHARES.values()))[0]
    is_inward = rng.random() < 0.5
    lead = _walker(rng, at, habit, is_inward)
    bodies = [lead]
    if habit is Habit.TAILGATES:
        bodies.append(_follower(rng, lead, gap_m=rng.uniform(0.10, 0.6)))
    elif habit is Habit.ABREAST:
        bodies.append(_follower(rng, lead, gap_m=-lead.width_m + rng.uniform(-0.05, 0.1)))
    people = 0 if habit is Habit.TURNS_BACK else len(bodies)
    entered, left = (people, 0) if is_inward else (0, people)
    return Scene(habit, bodies, entered, left, max(body.times[-1] for body in bodies) + 0.7)


def _walker(rng: Random, at: float, habit: Habit, is_inward: bool) -> Body:
    speed = rng.uniform(0.5, 1.4)
    begin, end = (-FAR_M, FAR_M + APART_M) if is_inward else (FAR_M + APART_M, -FAR_M)
    way: list[tuple[float, float]]
    if habit is Habit.TURNS_BACK:
        turn = rng.uniform(-0.25, APART_M + 0.08)  # never with the whole body inside
        way = [(begin, 0.0), (turn, rng.uniform(0.0, 2.0)), (begin, 0.0)]
    elif habit is Habit.LINGERS:
        stop = rng.uniform(-0.2, APART_M + 0.2)
        sway = [
            (stop + rng.gauss(0, 0.03), rng.uniform(0.3, 2.0)) for _ in range(rng.randint(1, 4))
        ]
        way = [(begin, 0.0), (stop, rng.uniform(0.5, 3.0)), *sway, (end, 0.0)]
    else:
        way = [(begin, 0.0), (end, 0.0)]
    times, places = _path(way, at, speed)
    swing = None
    if rng.random() < BAGS:
        swing = (rng.uniform(0.12, 0.32), rng.uniform(0.8, 1.4), rng.uniform(0, 6.28))
    return Body(rng.uniform(0.22, 0.42), times, places, swing)


def _follower(rng: Random, lead: Body, gap_m: float) -> Body:
    """Somebody at the same speed, `gap_m` of air behind the one before (negative: beside)."""
    width = rng.uniform(0.22, 0.42)
    distance = (lead.width_m + width) / 2 + gap_m
    speed = abs(lead.places[-1] - lead.places[0]) / (lead.times[-1] - lead.times[0])
    late_s = distance / speed
    return Body(width, [at + late_s for at in lead.times], lead.places)


def _path(
    way: list[tuple[float, float]], at: float, speed: float
) -> tuple[list[float], list[float]]:
    """Places with a wait at each, at one speed between them."""
    times, places = [at], [way[0][0]]
    for place, wait_s in way[1:]:
        times.append(times[-1] + max(abs(place - places[-1]) / speed, 1e-3))
        places.append(place)
        if wait_s:
            times.append(times[-1] + wait_s)
            places.append(place)
    return times, places
