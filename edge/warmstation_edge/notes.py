"""What the card remembers besides reports: answers to commands, boots, and charges under way.

Part of the outbox, which owns the file: `Outbox.notes`. What is to be remembered waits here until
the card has time for it; where the disk refuses, it is lost, and the agent goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from warmstation_edge.charges import kept_text, recalled
from warmstation_edge.charging import Charge
from warmstation_edge.clock import Clock
from warmstation_edge.dating import Boots
from warmstation_edge.outbox_file import KEPT_COMMANDS, OutboxFile, OutboxTrouble
from warmstation_edge.outbox_repair import Found

_SEEN = "seen"
"""Kept beside the boots, by a name that no boot has: an agent of before minds it as little."""


def _nothing(_: bool = True) -> None:
    """Who only wants it kept."""


@dataclass(slots=True)
class _Due:
    """What the card has not been given; `then` hears of the end of each."""

    results: dict[str, bytes] = field(default_factory=dict)
    boots: dict[str, float] = field(default_factory=dict)
    charges: str | None = None
    then: list[Callable[[bool], None]] = field(default_factory=list)


class Notes:
    """`go`: something is due; `suffer` hears what the disk refused."""

    def __init__(
        self,
        clock: Clock,
        file: Callable[[], OutboxFile | None],
        go: Callable[[], None],
        suffer: Callable[[OutboxTrouble], None],
    ) -> None:
        self._clock = clock
        self._file = file
        self._go = go
        self._suffer = suffer
        self._due = _Due()
        self._results: dict[str, bytes] = {}
        self._boots_in: OutboxFile | None = None
        self._boots: set[str] = set()
        self._needed: set[str] = set()
        self._seen_s: float | None = None
        self._charges_in: OutboxFile | None = None
        self._recalled: dict[str, Charge] | None = None
        self._is_asked_late = False
        self._late: dict[str, Charge] | None = None
        self.is_keeping_charges = False

    @property
    def seen_s(self) -> float | None:
        """The latest time that was known to be right, in POSIX seconds."""
        return self._seen_s

    def keep_seen(self, seen_s: float) -> None:
        """Remember it in place of what was kept before."""
        self._seen_s = seen_s
        self._due.boots[_SEEN] = seen_s
        self._go()

    @property
    def hold_charges(self) -> bool:
        """Whether the file that is there now was given the charges; a new one was not."""
        return self._charges_in is not None and self._charges_in is self._file()

    def result(self, command: str) -> bytes | None:
        """The answer given to this command, also before a restart; None where it is new."""
        return self._results.get(command)

    def keep_result(
        self, command: str, result: bytes, then: Callable[[], None] | None = None
    ) -> None:
        """Remember an answer, so that a command is done once even over a cut; `then` is called once
        it is on the card, or the card has refused it."""
        self._results.pop(command, None)
        self._results[command] = result
        for old in list(self._results)[:-KEPT_COMMANDS]:
            del self._results[old]
        self._due.results[command] = result
        if then is not None:
            self._due.then.append(lambda is_kept: then())
        self._go()

    def keep_boots(self, boots: Boots, needed: Iterable[str | None]) -> None:
        """Remember when these boots began, where that is known: reports wait for it, or will where
        the time server falls silent. What the card refuses is tried again the next time."""
        self._needed |= {boot for boot in needed if boot is not None}
        if self._boots_in is not self._file():
            self._boots_in, self._boots = self._file(), set()
        for boot in self._needed - self._boots:
            began = boots.began(boot)
            if began is not None:
                self._due.boots[boot] = began

    def charges(self) -> dict[str, Charge] | None:
        """The charges that were under way when the agent ended, however it ended; None where the
        card does not tell (any more)."""
        self._is_asked_late = True
        return self._recalled

    def late_charges(self) -> dict[str, Charge] | None:
        """The same, once, where the card told only after it was asked."""
        late, self._late = self._late, None
        return late

    def keep_charges(
        self, charges: Mapping[str, Charge], then: Callable[[bool], None] = _nothing
    ) -> None:
        """Remember them in place of what was kept before; `then` hears whether the card does."""
        self._due.charges = kept_text(charges, self._clock.boot_id(), self._clock.monotonic())
        self.is_keeping_charges = True
        self._due.then.append(then)
        self._go()

    def take_in(self, found: Found) -> None:
        """What a file that was opened remembers."""
        self._results = {**found.results, **self._results}
        self._seen_s = self._seen_s or found.boots.get(_SEEN)
        self._recalled = None
        if found.charges is not None:
            boot, now = self._clock.boot_id(), self._clock.monotonic()
            self._recalled = recalled(found.charges, boot, now)
        elif not found.is_damaged:
            self._recalled = {}  # there never were any
        if self._is_asked_late:
            self._late = self._recalled

    def errand(
        self, file: OutboxFile
    ) -> tuple[Callable[[], None], Callable[[Future[None]], None]] | None:
        """What is due as work for the card, and who wants to hear of it; None where nothing is."""
        due, self._due = self._due, _Due()
        if not due.results and not due.boots and due.charges is None:
            return None
        return partial(_keep, file, due), partial(self._ended, file, due)

    def refuse(self) -> None:
        """There is no file: what is due is lost."""
        due, self._due = self._due, _Due()
        self._tell(due, is_kept=False)

    def _ended(self, file: OutboxFile, due: _Due, done: Future[None]) -> None:
        try:
            done.result()
        except OutboxTrouble as trouble:
            self._suffer(trouble)
            self._tell(due, is_kept=False)
            return
        if self._boots_in is file:
            self._boots |= due.boots.keys()
        if due.charges is not None:
            self._charges_in = file
        self._tell(due, is_kept=True)

    def _tell(self, due: _Due, *, is_kept: bool) -> None:
        if due.charges is not None:
            self.is_keeping_charges = self._due.charges is not None
        for then in due.then:
            then(is_kept)


def _keep(file: OutboxFile, due: _Due) -> None:
    for command, result in due.results.items():
        file.keep_result(command, result)
    for boot, began in due.boots.items():
        file.keep_boot(boot, began)
    if due.charges is not None:
        file.keep_charges(due.charges)
