"""What lgpio has to be told before gpiozero opens the Pi's pins."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from gpiozero import Device

from warmstation_edge.errors import NoBoard
from warmstation_edge.sensors.board import own_board, pipe_directory


def test_its_pipes_go_where_systemd_lets_it_write() -> None:
    assert pipe_directory({"RUNTIME_DIRECTORY": "/run/warmstation:/run/other"}) == Path(
        "/run/warmstation"
    )
    assert pipe_directory({}) == Path(tempfile.gettempdir())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"RUNTIME_DIRECTORY": "/run/warmstation"}, "/run/warmstation"),
        ({"RUNTIME_DIRECTORY": "/run/warmstation", "LG_WD": "/elsewhere"}, "/elsewhere"),
    ],
)
def test_the_directory_is_set_before_the_library_is_loaded(
    given: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none-of-them")
    environment = dict(given)
    with pytest.raises(NoBoard, match="--system-site-packages"):
        own_board(environment)
    assert environment["LG_WD"] == expected
