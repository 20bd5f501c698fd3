"""Keeps the broker's ACL as the registry has it: a thread of the server's own.

Claims and revocations write it themselves; this sees what else changes it: a station that moves to
another district, a registry that was restored, a claim that is over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from warmstation_server.clock import Clock
from warmstation_server.enrolment.errors import BadAuthority

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=2)
_KEY = "ca.key"
"""As `keeping` has it, which is not imported: its library is slow to load."""


class Writer(Protocol):
    """Writes the ACL; enrolment.desk.Desk is one."""

    def write_acl(self, now: datetime) -> Path:
        """Write it where it is not so already. BadAuthority, ConnectionError."""
        ...


class Doorman:
    """`revision`: another number when the registry changed; ConnectionError where it is away."""

    def __init__(
        self,
        directory: Path,
        revision: Callable[[], int],
        writer: Callable[[], Writer],
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._revision = revision
        self._writer = writer
        self._clock = clock
        self._seen: tuple[int, int] | None = None

    def run(self, stop: threading.Event) -> None:
        """Look every two seconds until told to stop."""
        while not stop.wait(EVERY.total_seconds()):
            self.turn(self._clock.now())

    def turn(self, now: datetime) -> None:
        """Write the ACL where the registry changed, and once an hour for what is over.

        Where nobody was ever enrolled there is no authority, and none is made.
        """
        if not (self._directory / _KEY).exists():
            return
        try:
            seen = (self._revision(), int(now.timestamp()) // 3600)
            if seen != self._seen:
                self._writer().write_acl(now)
                self._seen = seen
        except ConnectionError as error:
            log.debug("the registry is away, the broker's ACL stays: %s", error)
        except BadAuthority as error:
            log.warning("the broker's ACL stays as it is: %s", error)
