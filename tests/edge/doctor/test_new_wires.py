"""The newer kinds of wires with the installer: LED, button, humidity, scales, each contactor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.installer import Act, Visit, visit
from tests.support.stations import StationOnBoard, example_tables
from warmstation_edge.doctor.step import Change
from warmstation_edge.sensors.mock_i2c import MockMux, MockNau7802, MockSht31

BUTTON, LED = 13, 19
CABINET = "28-0316a2791bff"
EMPTY_COUNTS, COUNTS_PER_KG = -312_000, 87_000
Steps = dict[str, tuple[Act, ...]]


class Wall(StationOnBoard):
    """The example station without chargers and probes, but with everything that hangs on I2C."""

    def __init__(self, folder: Path) -> None:
        tables = example_tables()
        tables["chargers"] = tables["chargers"][2:]
        tables["supplies"] = [{"item": "rice", "scale_channel": 2, "full_kg": 20.0}]
        tables |= {"i2c": {}, "humidity": {}, "staff": {"button_pin": BUTTON, "led_pin": LED}}
        tables["presence"] = {"pin": 23, "second_pin": 26}
        for name in ("heater", "smoke", "calibration"):
            del tables[name]
        for name in ("room", "outlet", "outdoor"):
            del tables["one_wire"][name]
        super().__init__(folder, tables)
        self.board.drive(26, False)
        self.air, self.cell = MockSht31(20.0, 40.0), MockNau7802(EMPTY_COUNTS)
        self.i2c.devices[0x44] = self.air
        self.i2c.muxes[0x70] = MockMux({2: {0x2A: self.cell}})
        self.flashes: list[bool] = []

    def turn(self) -> None:
        super().turn()
        self.flashes.append(self.board.level(LED))


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    wall = Wall(tmp_path)
    wall.run(15)
    yield wall
    wall.close()


def _weigh(kg: float) -> Act:
    return lambda one: setattr(one.cell, "counts", round(EMPTY_COUNTS + kg * COUNTS_PER_KG))  # type: ignore[attr-defined]


def _press(one: StationOnBoard) -> None:
    one.board.drive(BUTTON, False)


def _let_go(one: StationOnBoard) -> None:
    one.board.drive(BUTTON, True)


def _breathe(one: StationOnBoard) -> None:
    one.air.humidity_pct = 55.0  # type: ignore[attr-defined]


GOOD: Steps = {
    "door.beams": (lambda one: one.cross(17, 27), lambda one: one.cross(27, 17)),
    "door.contact": (
        lambda one: one.board.drive(22, True),
        lambda one: one.board.drive(22, False),
    ),
    "presence": (lambda one: one.board.drive(23, True), lambda one: one.board.drive(23, False)),
    "presence.second": (lambda one: one.board.drive(26, True),),
    "e1.probe": (lambda one: one.board.set_celsius(CABINET, 25.0),),
    "e1.load": (lambda one: one.board.set_volts("a2", 0.33 + 0.2),),
    "staff.button": (_press, _let_go),
    "humidity": (_breathe,),
    "rice": (_weigh(1.0),),
}
SEES = frozenset({"staff.led"})


def without(name: str) -> Steps:
    return {step: acts for step, acts in GOOD.items() if step != name}


def test_a_station_that_is_wired_well_passes_and_its_scale_is_measured(wall: Wall) -> None:
    found = visit(wall, GOOD, skips=SEES)
    assert found.verdicts("pass") == set(found.checks)
    assert found.changes == [
        Change("supplies:rice", "zero_counts", float(EMPTY_COUNTS)),
        Change("supplies:rice", "counts_per_kg", float(COUNTS_PER_KG)),
    ]
    assert "rice.zero -3.12 kg" in found.installer.shown


def test_the_led_flashes_while_the_installer_is_asked_whether_it_does(wall: Wall) -> None:
    visit(wall, GOOD, skips=frozenset(GOOD))
    flashing = [lit != then for lit, then in pairwise(wall.flashes)]
    assert "".join("01"[changed] for changed in flashing).count("1" * 40) >= 1, "at every turn"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("staff.button", "not wired to ground"),
        ("humidity", "sealed in"),
        ("presence.second", "nobody to somebody"),
        ("e1.probe", "did not warm"),
        ("rice", "never changed"),
        ("staff.led", "polarity"),
    ],
)
def test_what_never_answers_fails_with_its_likely_cause(wall: Wall, step: str, said: str) -> None:
    found = visit(wall, without(step), skips=SEES - {step})
    assert found.verdicts("fail") == {step}
    assert said in (found.checks[step].cause or "")


def test_a_cell_that_never_rests_gets_no_factor(wall: Wall) -> None:
    swaying: tuple[Callable[[StationOnBoard], None], ...]
    swaying = tuple(_weigh(1 + 0.5 * (n % 3)) for n in range(30))
    found = visit(wall, GOOD | {"rice": swaying}, skips=SEES)
    assert found.verdicts("fail") == {"rice"}
    assert {change.key for change in found.changes} == {"zero_counts"}


def _two_points(folder: Path) -> StationOnBoard:
    tables = example_tables()
    e1 = tables["chargers"][2]
    e2 = {**e1, "id": "e2", "channel": "a3", "contactor_pin": 20, "feedback_pin": 21}
    tables["chargers"] = [e1, {**e2, "probe": "28-0316a2791cff"}]
    wall = StationOnBoard(folder, tables)
    wall.board.set_volts("a3", 0.33)
    return wall


def _contactors(found: Visit) -> dict[str, str]:
    return {name: check.verdict for name, check in found.checks.items() if "contactor" in name}


def test_of_two_contactors_the_one_whose_auxiliary_contact_is_cut_is_named(tmp_path: Path) -> None:
    wall = _two_points(tmp_path)
    wall.run(15)
    assert _contactors(visit(wall, {}, with_installer=False)) == {
        "e1.contactor": "pass",
        "e2.contactor": "pass",
    }
    wall.cut_feedback = frozenset({"e2"})
    assert _contactors(visit(wall, {}, with_installer=False)) == {
        "e1.contactor": "pass",
        "e2.contactor": "fail",
    }
    wall.close()
