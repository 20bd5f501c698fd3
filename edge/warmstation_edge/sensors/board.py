"""The Pi's own pins: gpiozero's factory, with what lgpio needs to be told first.

lgpio opens its notification pipes in the working directory, or in LG_WD; under systemd's
ProtectSystem= the working directory is read-only. Its wheels end with some Python version on
arm64, so that on a Pi it comes from Debian (python3-lgpio) into a virtual environment that sees
the system's packages.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, MutableMapping
from importlib import import_module
from pathlib import Path

from gpiozero.devices import Device
from gpiozero.exc import BadPinFactory
from gpiozero.pins import Factory

from warmstation_edge.errors import NoBoard


def own_board(environment: MutableMapping[str, str] = os.environ) -> Factory:
    """The factory of this machine; NoBoard, with what to install, where it has none."""
    if "LG_WD" not in environment:
        environment["LG_WD"] = str(pipe_directory(environment))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one warning for each library that is not installed
        try:
            if environment.get("GPIOZERO_PIN_FACTORY") == "mock":
                _mock()
            Device.ensure_pin_factory()
        except BadPinFactory:
            raise NoBoard(
                "gpiozero finds no GPIO here; on a Pi install python3-lgpio and make the virtual"
                " environment with --system-site-packages,"
                " elsewhere use `warmstation-agent simulate`"
            ) from None
    return Device.pin_factory


def _mock() -> None:
    """gpiozero would read what every installed package has to offer, and keep 1.3 MB of it."""
    if Device.pin_factory is None:
        Device.pin_factory = import_module("gpiozero.pins.mock").MockFactory()


def pipe_directory(environment: Mapping[str, str]) -> Path:
    """Where lgpio may write: systemd's RuntimeDirectory=, or a directory for temporary files."""
    given = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    from tempfile import gettempdir  # with it come the compressors, which cost memory

    return Path(gettempdir())
