from __future__ import annotations

from pathlib import Path

import pytest
from gpiozero import InputDevice

from tests.support.clocks import FakeClock
from tests.support.stations import example_tables
from warmstation_edge.errors import NoBoard
from warmstation_edge.profile import parse
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.threads import Inline


def test_what_cannot_be_set_up_is_a_fault_and_the_rest_works(tmp_path: Path) -> None:
    profile, clock = parse(example_tables()), FakeClock()
    board = MockBoard(profile, tmp_path, clock.monotonic)
    board.drive(25, False)
    taken = [InputDevice(pin, pin_factory=board.factory) for pin in (17, 5, 22, 16)]
    sampler = Sampler(profile, build(profile, clock, Inline(), board.factory, tmp_path), clock)
    sampler.turn()
    measured = sampler.measure()
    faults = {(fault.sensor, fault.reason) for fault in measured.faults or ()}
    assert {("door", "absent"), ("e1.contactor", "absent"), ("noodles", "absent")} <= faults
    assert measured.door is not None
    assert measured.door.open is None
    assert measured.people is not None
    assert measured.people.inside is None
    assert measured.safety is not None
    assert (measured.safety.smoke, measured.safety.contactor) == (False, "fault")
    sampler.close()
    for device in taken:
        device.close()


def test_a_machine_without_gpio_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none-of-them")
    with pytest.raises(NoBoard, match="gpiozero finds no GPIO here; on a Pi install python3-lgpio"):
        build(parse(example_tables()), FakeClock(), Inline(), sys_root=tmp_path)
