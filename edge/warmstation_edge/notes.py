"""What the card remembers besides reports: answers to commands, boots, and charges under way.

Part of the outbox, which owns the file: `Outbox.notes`. Each note is on the card when the call
returns; where the disk refuses, it is lost, and the agent goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from warmstation_edge.charges import kept_text, recalled
from warmstation_edge.charging import Charge
from warmstation_edge.clock import Clock
from warmstation_edge.dating import Boots
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
        self._charges_in: OutboxFile | None = None
        self._boots_in: OutboxFile | None = None
        self._boots: set[str] = set()
        self._needed: set[str] = set()

    @property
    def hold_charges(self) -> bool:
        """Whether the file that is there now was given the charges; a new one was not."""
        return self._charges_in is not None and self._charges_in is self._file()

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

    def keep_boots(self, boots: Boots, needed: Iterable[str | None]) -> None:
        """Remember when these boots began, where that is known: reports wait for it, or will where
        the time server falls silent. What the card refuses is tried again the next time."""
        self._needed |= {boot for boot in needed if boot is not None}
        file = self._file()
        if file is None:
            return
        if self._boots_in is not file:
            self._boots_in, self._boots = file, set()
        with self._bearing():
            for boot in self._needed - self._boots:
                began = boots.began(boot)
                if began is not None:
                    file.keep_boot(boot, began)
                    self._boots.add(boot)

    def charges(self) -> dict[str, Charge]:
        """The charges that were under way when the agent ended, however it ended."""
        kept = None
        with self._bearing():
            file = self._file()
            kept = file.charges() if file else None
        return recalled(kept, self._clock.boot_id(), self._clock.monotonic()) if kept else {}

    def keep_charges(self, charges: Mapping[str, Charge]) -> bool:
        """Remember them in place of what was kept before; whether they are on the card."""
        text = kept_text(charges, self._clock.boot_id(), self._clock.monotonic())
        with self._bearing():
            file = self._file()
            if file:
                file.keep_charges(text)
                self._charges_in = file
                return True
        return False
