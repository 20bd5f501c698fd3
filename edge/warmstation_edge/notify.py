"""Tells systemd that the agent is ready and alive (sd_notify(3)); silent where there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Notify:
    """Speaks to the socket that systemd names in NOTIFY_SOCKET."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        # A leading @ is systemd's way to write an abstract socket.
        self._address = "\0" + name[1:] if name.startswith("@") else name

    def ready(self) -> None:
        """Start-up is complete."""
        self._say(b"READY=1")

    def alive(self) -> None:
        """The watchdog may wait anew (WatchdogSec= of the unit)."""
        self._say(b"WATCHDOG=1")

    def stopping(self) -> None:
        """An orderly stop has begun."""
        self._say(b"STOPPING=1")

    def _say(self, words: bytes) -> None:
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
                wire.sendto(words, self._address)
