"""Every blueprint is a profile's tables that can be built as they stand, and tells its driver."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import warmstation_edge.sensors
from tests.support.clocks import FakeClock
from warmstation_edge.profile import parse
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.sensors.mock_i2c import MockI2c
from warmstation_edge.threads import Inline

ROOM = Path(warmstation_edge.sensors.__file__).parent
BLUEPRINTS = sorted((ROOM / "blueprints").glob("*.toml"))


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_can_be_built(path: Path, tmp_path: Path) -> None:
    tables = tomllib.loads(path.read_text("utf-8"))
    tables["station"] = {"id": "ks-a", "district": "kunshan"}
    tables["outbox"] = {"path": str(tmp_path / "outbox.db")}
    if "modbus" in tables:
        tables["modbus"]["port"] = str(tmp_path / "no-line")
    if "one_wire" in tables:
        tables["one_wire"]["root"] = str(tmp_path)
    profile, clock = parse(tables, path), FakeClock()
    board = MockBoard(profile, tmp_path, clock.monotonic)
    sensors = build(profile, clock, Inline(), board.factory, tmp_path, MockI2c())
    sampler = Sampler(profile, sensors, clock)
    for _ in range(8):
        clock.advance(0.25)
        sampler.turn()
    assert sampler.measure().as_report("ks-a", "9f3c", 1).to_json()
    sampler.close()
    board.close()


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_names_wires_driver_and_datasheet(path: Path) -> None:
    text = path.read_text("utf-8")
    for word in ("# Wired ", "# Says ", "# Driver ", "# Datasheet "):
        assert word in text
    driver = text.partition("# Driver")[2].split(".py")[0].strip()
    assert (ROOM.parent / f"{driver}.py").exists()


def test_every_driver_names_its_blueprint_or_belongs_to_one() -> None:
    texts = "".join(path.read_text("utf-8") for path in BLUEPRINTS)
    drivers = {
        *("adc", "beams", "button", "contact", "contactor", "led", "low_float", "nau7802"),
        *("one_wire", "pzem016", "s0", "sht31", "tca9548a", "temperature"),
    }
    assert [name for name in sorted(drivers) if f"{name}.py" not in texts] == []
