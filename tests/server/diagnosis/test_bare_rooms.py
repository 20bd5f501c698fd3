"""Rooms of which little is told, as most recordings of others are."""

from __future__ import annotations

import random

import pytest

from tests.bench.heating_world import World
from tests.support.heated import LEARNED_DAYS, findings_after
from tests.support.minutes import a_minute
from warmstation_server.diagnosis.chain import chain_findings
from warmstation_server.diagnosis.config import HeatingConfig, Kind
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.room import Room
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import Diagnosis


def _told_by_a_room(days: int, warm_from: int) -> list[str]:
    """A room alone, ten minutes apart; from one noon on it warms by 3 K in two hours."""
    rng, diagnosis = random.Random(5), Diagnosis(HeatingConfig(kind="radiator", interval_s=600.0))
    causes: list[str] = []
    for n in range(days * 144):
        warmed = min(3.0, max(0, n - warm_from * 144 - 72) * 0.25)
        room_c = 20.0 + warmed + rng.gauss(0.0, 0.05)
        causes += [f.cause for f in diagnosis.after(Sample(at_s=600.0 * n, room_c=room_c))]
    return causes


def test_a_room_that_warms_is_no_heater_stuck_on_where_nobody_tells_of_a_call() -> None:
    assert _told_by_a_room(days=9, warm_from=7) == []


@pytest.mark.parametrize(("call", "verdict"), [(0.0, None), (None, "weak")])
def test_weak_heat_is_not_held_against_a_summer(call: float | None, verdict: str | None) -> None:
    room = Room(bins=600.0, weak=Cusum(level=25.0, is_raised=True))
    for n in range(6 * 1440):
        room.after(
            a_minute(n, call=call, outdoor=10.0), 0.0, 0.0, may_learn=True, heat_is_seen=False
        )

    assert room.verdict() == verdict


@pytest.mark.parametrize(("doubt_nats", "trouble"), [(0.0, None), (10.0, "weak_heat")])
def test_a_reading_that_is_doubted_does_not_say_that_all_is_well(
    doubt_nats: float, trouble: str | None
) -> None:
    parts = Parts(begun_s=0.0, trouble="weak_heat", trouble_link="room")
    parts.repeats.nats = doubt_nats
    for n in range(8000, 8060):
        minute = a_minute(n, call=1.0, outdoor=10.0)
        found = chain_findings(HeatingConfig(), parts, minute, None, room_ok=True)
        assert found == []

    assert parts.trouble == trouble


def test_heat_of_hours_in_which_the_room_was_not_seen_is_not_owed_when_it_is_seen_again() -> None:
    """Half an hour of call in each; the sensor's wire hangs loose for six hours of a fifth day."""
    rng, diagnosis = random.Random(6), Diagnosis(HeatingConfig(kind="radiator"))
    room_c, heat, causes = 20.0, 0.0, list[str]()
    for n in range(6 * 1440):
        call = n // 30 % 2
        heat += (call - heat) / 12.0
        room_c += 0.03 * heat - 0.0015 * (room_c - 10.0)
        seen_c = None if 5 * 1440 <= n < 5 * 1440 + 375 else room_c + rng.gauss(0.0, 0.03)
        sample = Sample(at_s=60.0 * n, room_c=seen_c, outdoor_c=0.0, heater_on=float(call))
        causes += [found.cause for found in diagnosis.after(sample)]

    assert causes == ["sensor_fault"]


@pytest.mark.parametrize("kind", ["heatpump", "radiator"])
def test_a_sensor_is_seen_to_be_moved_where_nobody_counts_who_comes(kind: Kind) -> None:
    world = World.of(6, kind, 60.0, metered=False, harsh=False)
    world.building.has_doors = False
    diagnosis = Diagnosis(world.building.config())
    healthy = findings_after(world, diagnosis, 24.0 * LEARNED_DAYS)
    world.trouble.moved_k = -1.9

    told = [finding.cause for finding in findings_after(world, diagnosis, 6.0)]

    assert (healthy, told) == ([], ["sensor_moved"])


@pytest.mark.parametrize(("seen", "learns"), [(False, 0), (True, 4)])
def test_heat_that_nobody_called_for_is_not_learned_where_no_outlet_would_tell_it(
    seen: bool, learns: int
) -> None:
    room = Room(bins=600.0, stuck=Cusum(level=12.0))
    for n in range(15):
        room.after(a_minute(n, room=20.0 + n / 60.0), 0.0, 0.0, may_learn=True, heat_is_seen=seen)

    assert room.bins == 600.0 + learns
