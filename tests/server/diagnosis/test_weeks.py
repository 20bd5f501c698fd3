"""What no hour shows: a heater that wears, week after week, while every model follows it."""

from __future__ import annotations

from tests.bench.heating_world import World
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.station import Diagnosis

_DAY_S = 86400.0


def _findings(
    world: World, diagnosis: Diagnosis, until_day: int, loss_a_day: float
) -> list[Finding]:
    findings: list[Finding] = []
    while world.t_s < until_day * _DAY_S and not findings:
        world.trouble.heat_share *= 1.0 - loss_a_day / 288.0
        sample = world.advance()
        if sample is not None:
            findings += diagnosis.after(sample)
    return findings


def test_heater_that_loses_two_percent_a_day_is_told_as_weak_within_the_season() -> None:
    world = World.of(4, "electric", 300.0, metered=False, harsh=False)
    world.building.outages_a_month = 0.0
    diagnosis = Diagnosis(world.building.config())
    assert _findings(world, diagnosis, 20, 0.0) == []

    told = _findings(world, diagnosis, 55, 0.02)

    assert [finding.cause for finding in told] == ["weak_heat"]
    assert world.trouble.heat_share > 0.5
