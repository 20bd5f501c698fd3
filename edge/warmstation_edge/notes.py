"""What the card remembers besides reports: answers to commands, and charges under way.

Part of the outbox, which owns the file: `Outbox.notes`. Each note is on the card when the call
returns; where the disk refuses, it is lost, and the agent goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from warmstation_edge.charges import kept_text, recalled
from warmstation_edge.charging import Charge
from warmstation_edge.clock import Clock
from warmstation_edge.outbox_file import OutboxFile


class Notes:
    """`file` may be away for a while; `bearing` takes what the disk refuses."""

    def __init__(
        self,
        file: Callable[[], OutboxFile | None],
        bearing: Callable[[], AbstractContextManager[None]],
        clock: Clock,
    ) -> None:
        self._file = file
        self._bearing = bearing
        self._clock = clock

    def result(self, command: str) -> bytes | None:
        """The answer given to this command, also before a restart; None where it is new."""
        with self._bearing():
            file = self._file()
            return file.result(command) if file else None
        return None

    def keep_result(self, command: str, result: bytes) -> None:
        """Remember an answer, so that a command is done once even over a cut."""
        with self._bearing():
            file = self._file()
            if file:
                file.keep_result(command, result)

    def charges(self) -> dict[str, Charge]:
        """The charges that were under way when the agent ended, however it ended."""
        kept = None
        with self._bearing():
            file = self._file()
            kept = file.charges() if file else None
        return recalled(kept, self._clock.boot_id(), self._clock.monotonic()) if kept else {}

    def keep_charges(self, charges: Mapping[str, Charge]) -> None:
        """Remember them in place of what was kept before."""
        text = kept_text(charges, self._clock.boot_id(), self._clock.monotonic())
        with self._bearing():
            file = self._file()
            if file:
                file.keep_charges(text)
