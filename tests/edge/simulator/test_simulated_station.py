"""Through the pins: what the real agent reports of a simulated world."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.simulated import NOON_S, Bench, bench, world


def settled(folder: Path, *orders: str, seconds: float = 20.0, **changes: object) -> Bench:
    """The station after some seconds with these faults."""
    with bench(folder, world(NOON_S, "1", *orders, **changes)) as here:
        here.run(seconds)
    return here


def test_the_agent_sees_the_world_as_it_is(tmp_path: Path) -> None:
    with bench(tmp_path, world()) as here:
        here.run(90)
        last, truth = here.last, here.station.world
        assert last.station == "ks-songnan"
        assert last.agent is not None
        assert last.agent.simulated is True
        assert not last.faults
        climate = last.climate
        assert climate is not None
        assert climate.room_c == pytest.approx(truth.room.air_c, abs=0.5)
        assert climate.outdoor_c == pytest.approx(truth.outdoor_c, abs=0.2)
        assert climate.heating == ("on" if truth.heater.is_calling else "off")
        assert climate.heater_w == pytest.approx(truth.heater_w, abs=20)
        levels = {supply.item: supply.level for supply in last.supplies or ()}
        assert levels == pytest.approx(truth.shelf.levels, abs=0.02)


def test_every_person_through_the_door_is_counted_once(tmp_path: Path) -> None:
    busy = world(NOON_S, "1", "locked@+30m", visits_per_day=700.0, capacity=60)
    with bench(tmp_path, busy) as here:
        here.run(1805)
        crowd = here.station.world.crowd
        while crowd.departures() and crowd.departures()[0] < here.at_s + 6:
            here.run(6)  # until nobody is in the doorway
        here.run(4)
        people = here.last.people
        assert people is not None
        assert crowd.entered > 20
        assert (people.entered, people.left) == (crowd.entered, crowd.left)
        assert people.inside == crowd.inside


def test_a_dead_heater_is_called_and_draws_nothing(tmp_path: Path) -> None:
    here = settled(tmp_path, "heater_dead@-6h", seconds=600)
    climate = here.last.climate
    assert climate is not None
    assert (climate.heating, climate.heater_w) == ("on", 0.0)


def test_an_empty_tank_is_reported(tmp_path: Path) -> None:
    here = settled(tmp_path, "water_empty")
    levels = {supply.item: supply.level for supply in here.last.supplies or ()}
    assert levels["water"] == pytest.approx(0.0, abs=0.005)


def test_a_probe_at_its_power_on_value_is_not_believed(tmp_path: Path) -> None:
    here = settled(tmp_path, "sensor_85=outlet@+10s", seconds=30)
    assert here.reasons() == {"outlet": "power_on"}
    assert here.last.climate is not None
    assert here.last.climate.outlet_c is None


def test_a_disconnected_probe_is_absent_and_comes_back(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "sensor_disconnected=room@+10s/30s")) as here:
        here.run(30)
        assert here.reasons() == {"room": "absent"}
        here.run(90)
        assert here.reasons() == {}


def test_a_stuck_probe_is_found_out_within_hours(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "sensor_stuck=outlet@+30s")) as here:
        here.run(4 * 3600, turn_s=20)
        assert here.reasons() == {"outlet": "stuck"}


def test_a_blocked_beam_makes_the_count_unknown(tmp_path: Path) -> None:
    here = settled(tmp_path, "beam_blocked=inner@+5s", seconds=60)
    assert here.reasons() == {"door": "blocked"}
    assert here.last.people is not None
    assert here.last.people.inside is None


def test_a_door_held_open_reads_open(tmp_path: Path) -> None:
    here = settled(tmp_path, "door_held_open")
    assert here.last.door is not None
    assert here.last.door.open is True


def test_smoke_opens_the_contactors(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "smoke@+30s")) as here:
        here.run(25)
        assert here.last.safety is not None
        assert (here.last.safety.smoke, here.last.safety.contactor) == (False, "closed")
        here.run(10)
        assert here.last.safety is not None
        assert (here.last.safety.smoke, here.last.safety.contactor) == (True, "open")
        assert not any(p.is_closed for p in here.station.world.points if p.kind == "ebike")


def test_an_overheating_point_is_switched_off_by_the_agent_and_cools(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "ebike_overheat=e2@+30s/1h")) as here:
        here.run(20 * 60, turn_s=1)
        assert here.reasons().get("e2") == "overheat"
        states = {charger.id: charger.state for charger in here.last.chargers or ()}
        assert states["e2"] == "outoforder"
        assert not here.station.world.point("e2").is_closed
        assert here.station.world.point("e2").probe_c < 60


def test_a_dead_socket_charges_nobody(tmp_path: Path) -> None:
    here = settled(tmp_path, "socket_dead=p1", seconds=30)
    powers = {charger.id: charger.power_w for charger in here.last.chargers or ()}
    assert powers["p1"] == 0.0


def test_a_clock_at_1970_is_told_as_unsynced_until_it_is_set(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "clock_1970/60s")) as here:
        here.run(30)
        assert all(report.clock == "unsynced" for report in here.reports)
        assert here.last.measured_at.year == 1970
        here.run(120)
        assert here.last.clock == "synced"
        assert here.last.measured_at.year == 2026


def test_a_power_cut_burns_numbers_but_repeats_none_and_begins_a_stream(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "power_cut@+90s/30s")) as here:
        here.run(95)
        assert not here.station.is_powered
        before = list(here.reports)
        here.run(60)
        assert here.station.is_powered
        after = here.reports[len(before) :]
        assert after[0].stream != before[-1].stream
        assert after[0].seq > before[-1].seq
        numbers = [(report.stream, report.seq) for report in here.reports]
        assert len(set(numbers)) == len(numbers)


def test_during_a_network_cut_reports_wait(tmp_path: Path) -> None:
    with bench(tmp_path, world(NOON_S, "1", "network_cut@+5s")) as here:
        here.run(180)
        assert here.last.agent is not None
        assert here.station.waiting == [report.seq for report in here.reports]


def test_a_new_station_knows_who_is_inside(tmp_path: Path) -> None:
    here_before = world(visits_per_day=300.0, capacity=60)
    while here_before.crowd.inside < 5:
        here_before.step(60)
    with bench(tmp_path, here_before) as here:
        here.run(1)
        assert here.reports[0].people is not None
        assert here.reports[0].people.inside == here_before.crowd.inside
        assert here.reports[0].people.entered == 0


def test_the_same_seed_gives_the_same_reports(tmp_path: Path) -> None:
    def told(folder: str) -> list[dict[str, object]]:
        (tmp_path / folder).mkdir()
        here = settled(tmp_path / folder, seconds=120)
        return [report.model_dump(exclude={"stream", "agent"}) for report in here.reports]

    assert told("a") == told("b")
