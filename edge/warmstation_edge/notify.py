"""Tells systemd that the agent is ready and alive (sd_notify(3)); silent where there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

MOST_S = 5.0


def alive_every_s(environment: Mapping[str, str]) -> float:
    """How often to say `alive`: three times within WatchdogSec=, at least every 5 s."""
    usec = environment.get("WATCHDOG_USEC", "")
    return min(MOST_S, int(usec) / 3e6) if usec.isdecimal() else MOST_S


class Notify:
    """Speaks to the socket that systemd names in NOTIFY_SOCKET."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.every_s = alive_every_s(environment)
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
                wire.setblocking(False)  # a systemd that does not listen must not stop the agent
                wire.sendto(words, self._address)
