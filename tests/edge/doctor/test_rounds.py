"""A whole commissioning on the mock board: the good one, and one wire wrong at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from tests.support.installer import Act, visit
from tests.support.stations import StationOnBoard, station
from warmstation_edge.doctor.step import Change
from warmstation_edge.wiring import sensor_names

OUTER, INNER = 17, 27
ROOM, OUTLET, OUTDOOR = "28-0316a2795aff", "28-0316a27b0cff", "28-0316a2780eff"
CABINET = "28-0316a2791bff"


def _in(one: StationOnBoard) -> None:
    one.cross(OUTER, INNER)


def _out(one: StationOnBoard) -> None:
    one.cross(INNER, OUTER)


def _pin(pin: int, is_high: bool) -> Act:
    return lambda one: one.board.drive(pin, is_high)


def _volts(channel: str, volts: float) -> Act:
    return lambda one: one.board.set_volts(channel, volts)


def _warm(probe: str, celsius: float) -> Act:
    return lambda one: one.board.set_celsius(probe, celsius)


GOOD: dict[str, tuple[Act, ...]] = {
    "door.beams": (_in, _out),
    "door.contact": (_pin(22, True), _pin(22, False)),
    "presence": (_pin(23, False), _pin(23, True)),
    "room.probe": (_warm(ROOM, 24.0),),
    "outlet.probe": (_warm(OUTLET, 26.0),),
    "outdoor.probe": (_warm(OUTDOOR, 9.0),),
    "e1.probe": (_warm(CABINET, 24.0),),
    "heater": (_pin(24, False), _volts("a4", 0.33 + 1.48)),
    "p1.load": (_volts("a0", 0.33 + 0.3),),
    "p2.load": (_volts("a1", 0.33 + 0.3),),
    "e1.load": (_volts("a2", 0.33 + 0.2),),
    "water": (_volts("a5", 2.5),),
    "noodles": (_pin(16, True),),
    "smoke": (_pin(25, True), _pin(25, False)),
}


@pytest.fixture
def one(tmp_path: Path) -> Iterator[StationOnBoard]:
    with station(tmp_path) as found:
        yield found


def test_a_station_that_is_wired_well_passes_every_step(one: StationOnBoard) -> None:
    found = visit(one, GOOD)
    assert {name: check.cause for name, check in found.checks.items() if check.cause} == {}
    assert found.verdicts("pass") == set(found.checks)
    assert set(GOOD) <= set(found.installer.asked), "the installer was asked for each"
    assert {f"{name}.answers" for name in sensor_names(one.profile)} <= set(found.checks)
    assert found.changes == []


def test_with_nobody_there_only_what_needs_nobody_is_judged(one: StationOnBoard) -> None:
    found = visit(one, {}, with_installer=False)
    assert found.installer.asked == []
    assert found.verdicts("skipped") >= {"door.beams", "p1.load", "smoke"}
    assert found.verdicts("pass") >= {"room.answers", "e1.contactor", "p2.zero"}
    assert found.verdicts("fail") == set()


def test_live_values_are_shown_while_they_are_waited_for(one: StationOnBoard) -> None:
    found = visit(one, GOOD)
    assert "p1.load 0.0 W" in found.installer.shown
    assert any(line.startswith("room.probe 19.") for line in found.installer.shown)


def test_beams_that_are_swapped_are_put_right_in_the_profile(one: StationOnBoard) -> None:
    found = visit(one, GOOD | {"door.beams": (_out, _in)})
    assert found.checks["door.beams"].verdict == "pass"
    assert found.changes == [
        Change("door", "outer_beam_pin", INNER),
        Change("door", "inner_beam_pin", OUTER),
    ]


def test_sockets_that_are_swapped_are_named(one: StationOnBoard) -> None:
    swapped = {"p1.load": GOOD["p2.load"], "p2.load": GOOD["p1.load"]}
    found = visit(one, GOOD | swapped)
    assert found.checks["p1.load"].verdict == "fail"
    assert "p2 draws power instead" in (found.checks["p1.load"].cause or "")


def test_probes_that_are_swapped_are_named(one: StationOnBoard) -> None:
    found = visit(one, GOOD | {"room.probe": (_warm(OUTLET, 30.0),)})
    assert "outlet probe warmed instead" in (found.checks["room.probe"].cause or "")


def test_a_cabinets_probe_that_is_swapped_with_the_rooms_is_named(one: StationOnBoard) -> None:
    found = visit(one, GOOD | {"e1.probe": (_warm(ROOM, 30.0),)})
    assert "room probe warmed instead" in (found.checks["e1.probe"].cause or "")


def test_a_presence_sensor_that_always_sees_somebody_fails(one: StationOnBoard) -> None:
    found = visit(one, GOOD | {"door.beams": (*GOOD["door.beams"], _pin(23, True)), "presence": ()})
    assert found.verdicts("fail") == {"presence"}


def test_an_offset_without_load_is_corrected_a_large_one_is_a_fault(one: StationOnBoard) -> None:
    one.board.set_volts("a0", 0.33 + 0.03)  # 1.2 W
    one.board.set_volts("a1", 0.33 + 1.0)  # 40 W
    found = visit(one, GOOD)
    change = next(one for one in found.changes if one.table == "calibration.p1")
    assert change.key == "offset"
    assert change.value == pytest.approx(-1.2, abs=0.15)
    assert found.checks["p2.zero"].verdict == "fail"
    assert "zero_v" in (found.checks["p2.zero"].cause or "")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("door.beams", "passages were missed"),
        ("door.contact", "magnet"),
        ("presence", "nobody to somebody"),
        ("room.probe", "did not warm"),
        ("heater", "relay's contact"),
        ("p1.load", "another wire"),
        ("water", "never changed"),
        ("smoke", "relay is not wired"),
    ],
)
def test_what_never_answers_fails_with_its_likely_cause(
    one: StationOnBoard, step: str, said: str
) -> None:
    found = visit(one, {name: act for name, act in GOOD.items() if name != step})
    assert found.verdicts("fail") == {step}
    assert said in (found.checks[step].cause or "")


def test_a_heater_whose_transducer_is_on_another_wire(one: StationOnBoard) -> None:
    found = visit(one, GOOD | {"heater": (_pin(24, False),)})
    assert "no power is seen" in (found.checks["heater"].cause or "")


def test_wires_that_are_cut_are_found_before_anybody_is_asked(one: StationOnBoard) -> None:
    one.board.unplug_probe(OUTLET)
    one.board.spoil_crc(OUTDOOR)
    one.board.set_volts("a0", 0.0)
    found = visit(one, {}, with_installer=False)
    silent = ("outlet", "outdoor", "p1")
    assert found.verdicts("fail") == {"sensors", *(f"{name}.answers" for name in silent)}
    assert found.checks["sensors"].live == "?: outlet outdoor p1"
    assert "named below" in (found.checks["sensors"].cause or "")
    assert "no answer" in (found.checks["outlet.answers"].cause or "")
    assert "pull-up" in (found.checks["outdoor.answers"].cause or "")
    assert "room.answers" in found.verdicts("pass")


class Hangs(Executor):
    """Takes what it is given and never comes back with it, as a bus does that hangs."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_a_probe_that_has_not_spoken_yet_is_no_good_news(one: StationOnBoard) -> None:
    probe = one.sensors.probes["outlet"]
    probe._slow._executor = Hangs()
    probe.reading = None
    one.clock.advance(1)
    one.turn()
    probe.reading = None
    one.sampler._warmth._celsius.pop("outlet", None)
    found = visit(one, {}, with_installer=False)
    assert found.checks["outlet.answers"].verdict == "fail"


def test_a_contactor_that_does_not_follow_fails(one: StationOnBoard) -> None:
    one.run(15)
    one.feedback_follows = False
    found = visit(one, GOOD)
    assert found.checks["e1.contactor"].verdict == "fail"


def test_what_is_skipped_is_in_the_record_and_is_no_failure(one: StationOnBoard) -> None:
    found = visit(one, GOOD, skips=frozenset({"e1.load"}))
    assert found.verdicts("skipped") == {"e1.load"}
    assert found.verdicts("fail") == set()
