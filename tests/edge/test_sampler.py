"""From pins to Measurements: the whole sampler on the example station's mock board."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.stations import example_tables, station
from warmstation_edge.counters import Counters
from warmstation_edge.people import BLOCKED_S, ZERO_AFTER_S
from warmstation_wire import Calibration, Desired, Report, decode

OUTER, INNER = 17, 27


def test_a_quiet_station_measures_everything_and_has_no_faults(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        measured = one.run(15)
        assert measured.faults is None
        assert measured.climate is not None
        assert measured.climate.room_c == 19.7  # calibrated by -0.3
        assert (measured.climate.outlet_c, measured.climate.outdoor_c) == (21.0, -1.0)
        assert (measured.climate.heating, measured.climate.setpoint_c) == ("off", 20.0)
        assert measured.climate.heater_w == pytest.approx(0, abs=2)
        assert measured.door is not None
        assert measured.door.open is False
        assert measured.people is not None
        assert (measured.people.inside, measured.people.present) == (0, False)
        assert [charger.state for charger in measured.chargers or ()] == ["available"] * 3
        assert [(s.item, s.level) for s in measured.supplies or ()] == [
            ("water", pytest.approx(0.5, abs=0.002)),
            ("noodles", 0.5),
        ]
        assert measured.safety is not None
        assert (measured.safety.smoke, measured.safety.contactor) == (False, "closed")
        assert measured.clock == "synced"


def test_a_measurement_becomes_a_report_that_the_wire_accepts(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        report = one.run(1).as_report("ks-songnan", "9f3c", 1)
        assert decode(Report, report.to_json()) == report


def test_a_heater_that_comes_on_is_seen_with_its_power(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.drive(24, False)
        one.board.set_volts("a4", 0.33 + 1.48)
        climate = one.run(6).climate
        assert climate is not None
        assert climate.heating == "on"
        assert climate.heater_w == pytest.approx(1480, abs=4)


def test_people_are_counted_from_the_beams(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.cross(OUTER, INNER)
        one.cross(OUTER, INNER)
        one.cross(INNER, OUTER)
        people = one.sampler.measure().people
        assert people is not None
        assert (people.entered, people.left, people.inside) == (2, 1, 1)


def test_presence_outlasts_the_sensors_pulse_by_a_minute(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.drive(23, True)
        one.run(1)
        one.board.drive(23, False)
        told = [one.run(30).people, one.run(31).people]
        assert [people and people.present for people in told] == [True, False]


def test_a_presence_sensor_that_never_lets_go_is_stuck(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.drive(23, True)
        one.cross(OUTER, INNER)
        for _ in range(12):
            assert ("presence", "stuck") not in one.faults()
            one.clock.advance(minutes=60)
            one.turn()
        assert ("presence", "stuck") in one.faults()
        people = one.sampler.measure().people
        assert people is not None
        assert (people.inside, people.present) == (1, None)


def test_what_has_not_changed_is_the_same_object(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.spoil_crc("28-0316a27b0cff")
        before = one.run(17)
        after = one.run(0.25)
        for part in ("climate", "door", "people", "chargers", "supplies", "safety", "faults"):
            assert getattr(after, part) is getattr(before, part)
            assert getattr(after, part) is not None
        one.board.drive(22, True)
        assert one.run(0.5).door is not before.door, "it has settled"


def test_an_empty_room_is_zeroed_after_half_an_hour(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.cross(OUTER, INNER)
        people = one.run(ZERO_AFTER_S + 1).people
        assert people is not None
        assert (people.inside, people.entered, people.confidence) == (0, 1, 1)


def test_a_command_zeroes_the_people_and_not_the_counts(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.cross(OUTER, INNER)
        one.sampler.zero_people()
        people = one.run(1).people
        assert people is not None
        assert (people.inside, people.entered) == (0, 1)


def test_a_blocked_beam_is_a_fault_and_the_people_are_unknown(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.cross(OUTER, INNER)
        one.board.drive(OUTER, True)
        people = one.run(BLOCKED_S + 1).people
        assert people is not None
        assert (people.inside, people.confidence, people.entered) == (None, None, 1)
        assert one.faults() == {("door", "blocked")}
        one.board.drive(OUTER, False)
        one.run(1)
        assert one.faults() == set()


def test_one_probe_that_fails_leaves_all_others_well(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.spoil_crc("28-0316a27b0cff")
        one.board.unplug_probe("28-0316a2780eff")
        measured = one.run(15)
        assert one.faults() == {("outlet", "crc"), ("outdoor", "absent")}
        assert measured.climate is not None
        assert measured.climate.room_c == 19.7
        assert measured.climate.outlet_c is None
        one.board.set_celsius("28-0316a27b0cff", 44.875)
        climate = one.run(6).climate
        assert climate is not None
        assert climate.outlet_c == pytest.approx(44.88, abs=0.01)


def test_a_probes_power_on_value_is_no_temperature(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(6)
        one.board.power_on_probe("28-0316a2795aff")
        climate = one.run(6).climate
        assert climate is not None
        assert climate.room_c is None
        assert one.faults() == {("room", "power_on")}


def test_a_room_of_a_hundred_degrees_is_out_of_range(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.set_celsius("28-0316a2795aff", 100.0)
        one.run(6)
        assert one.faults() == {("room", "range")}


def test_an_adc_that_breaks_takes_only_its_own_sensors_along(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(15)
        one.board.break_adc("a")
        measured = one.run(6)
        assert one.faults() == {
            (sensor, "absent") for sensor in ("heater", "p1", "p2", "e1", "water")
        }
        assert [charger.state for charger in measured.chargers or ()] == ["unknown"] * 3
        assert measured.climate is not None
        assert measured.climate.room_c == 19.7
        assert (one.run(61).chargers or ())[2].state == "inoperative"  # nobody sees: it is open


def test_an_unplugged_adc_shows_by_the_live_zero(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.unplug_adc("a")
        one.run(6)
        assert ("p1", "absent") in one.faults()
        assert ("water", "range") in one.faults()


def test_a_phone_that_charges_is_metered(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.set_volts("a1", 0.33 + 0.25)
        charger = (one.run(3605).chargers or ())[1]
        assert charger.state == "charging"
        assert charger.energy_wh == pytest.approx(charger.power_w, rel=0.01)


def test_counts_go_on_after_a_restart(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.board.set_volts("a1", 0.58)
        for _ in range(3):
            one.cross(OUTER, INNER)
        one.cross(INNER, OUTER)
        one.run(600)
        kept = Counters.model_validate_json(one.sampler.counters().model_dump_json())
    with station(tmp_path, counters=kept) as one:
        one.cross(OUTER, INNER)
        measured = one.run(6)
        assert measured.people is not None
        people = measured.people
        assert (people.entered, people.left, people.inside) == (4, 1, 3)
        assert people.confidence is not None
        assert people.confidence < 0.5
        energy_wh = (measured.chargers or ())[1].energy_wh
        assert energy_wh is not None
        assert energy_wh >= kept.energy_wh["p2"] > 1


def test_counters_of_a_charger_that_is_gone_are_kept(tmp_path: Path) -> None:
    with station(tmp_path, counters=Counters(energy_wh={"p9": 7.0})) as one:
        assert one.sampler.counters().energy_wh["p9"] == 7.0


def test_what_the_server_desires_is_taken_over_at_once(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(6)
        calibration = {"room": Calibration(offset=1.0), "water": Calibration(scale=0.5)}
        desired = Desired(revision=2, sample_s=30, setpoint_c=18, calibration=calibration)
        assert one.sampler.apply(desired) is None
        measured = one.run(0.25)
        assert measured.climate is not None
        assert (measured.climate.room_c, measured.climate.setpoint_c) == (21.0, 18)
        assert (measured.supplies or ())[0].level == pytest.approx(0.25, abs=0.002)
        one.board.set_celsius("28-0316a2795aff", 10.0)
        told = [one.run(20).climate, one.run(11).climate]
        assert [climate and climate.room_c for climate in told] == [21.0, 11.0]


def test_a_calibration_of_no_sensor_is_refused_whole(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        calibration = {"room": Calibration(offset=1.0), "rom": Calibration()}
        refused = one.sampler.apply(Desired(revision=2, sample_s=30, calibration=calibration))
        assert refused == "calibration of 'rom': this station has no such sensor"
        assert one.sampler.sample_s == 5
        climate = one.run(6).climate
        assert climate is not None
        assert climate.room_c == 19.7


def test_a_station_with_nothing_measures_itself(tmp_path: Path) -> None:
    bare = {"station": example_tables()["station"], "outbox": {}, "one_wire": {}}
    with station(tmp_path, bare) as one:
        measured = one.run(1)
        assert (measured.climate, measured.door, measured.people) == (None, None, None)
        assert (measured.chargers, measured.supplies) == (None, None)
        assert (measured.safety, measured.faults) == (None, None)
        assert measured.agent is not None
        assert measured.agent.disk_free_mb is not None


def test_a_clock_that_nobody_has_set_is_told(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.clock.synced = False
        assert one.run(1).clock == "unsynced"


def test_no_edge_is_lost_while_one_of_the_beams_cannot_be_read(tmp_path: Path) -> None:
    with station(tmp_path) as one:
        one.run(1)
        one.board.drive(17, True)
        one.run(0.5)
        one.board.break_pin(27)
        one.board.drive(17, False)
        one.run(0.5)
        assert ("door", "absent") in one.faults()
        one.board.break_pin(27, is_broken=False)
        one.run(60)
        assert one.faults() == set(), "the outer beam is clear, and that is known"
