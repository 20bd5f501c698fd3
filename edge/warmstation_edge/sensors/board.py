"""The Pi's own pins: gpiozero's factory, with what lgpio needs to be told first.

lgpio opens its notification pipes in the working directory, or in LG_WD; under systemd's
ProtectSystem= the working directory is read-only. Its wheels end with some Python version on
arm64, so that on a Pi it comes from Debian (python3-lgpio) into a virtual environment that sees
the system's packages.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from gpiozero import BadPinFactory, Device
from gpiozero.pins import Factory

from warmstation_edge.errors import NoBoard


def own_board(environment: MutableMapping[str, str] = os.environ) -> Factory:
    """The factory of this machine; NoBoard, with what to install, where it has none."""
    environment.setdefault("LG_WD", str(pipe_directory(environment)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one warning for each library that is not installed
        try:
            Device.ensure_pin_factory()
        except BadPinFactory:
            raise NoBoard(
                "gpiozero finds no GPIO here; on a Pi install python3-lgpio and make the virtual"
                " environment with --system-site-packages,"
                " elsewhere use `warmstation-agent simulate`"
            ) from None
    return Device.pin_factory


def pipe_directory(environment: Mapping[str, str]) -> Path:
    """Where lgpio may write: systemd's RuntimeDirectory=, or a directory for temporary files."""
    given = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else Path(tempfile.gettempdir())
