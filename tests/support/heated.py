"""Stations that have already learned a healthy week, for tests of the diagnosis."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from tests.bench.heating_world import World
from warmstation_server.diagnosis.config import Kind
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import Diagnosis

LEARNED_DAYS = 4.4


@cache
def _healthy(kind: Kind, *, metered: bool) -> tuple[World, str, tuple[Finding, ...]]:
    world = World.of(4, kind, 60.0, metered=metered, harsh=False)
    world.building.loss_rate = world.building.outages_a_month = 0.0
    diagnosis = Diagnosis(world.building.config())
    findings: list[Finding] = []
    while world.t_s < LEARNED_DAYS * 86400.0:
        sample = world.advance()
        if sample is not None:
            findings += diagnosis.after(sample)
    return world, json.dumps(diagnosis.state()), tuple(findings)


def healthy_findings(kind: Kind, *, metered: bool) -> tuple[Finding, ...]:
    """What was said of the healthy days."""
    return _healthy(kind, metered=metered)[2]


def learned(kind: Kind = "electric", *, metered: bool = False) -> tuple[World, Diagnosis]:
    """A world mid-morning of its fifth day and a diagnosis that has followed it so far."""
    world, state, _ = _healthy(kind, metered=metered)
    return world.fork(1), Diagnosis.restore(world.building.config(), json.loads(state))


def findings_after(
    world: World,
    diagnosis: Diagnosis,
    hours: float,
    change: Callable[[Sample], Sample] = lambda sample: sample,
) -> list[Finding]:
    """What is said in the next hours; `change` may spoil each sample on its way."""
    findings: list[Finding] = []
    until_s = world.t_s + hours * 3600.0
    while world.t_s < until_s:
        sample = world.advance()
        if sample is not None:
            findings += diagnosis.after(change(sample))
    return findings
