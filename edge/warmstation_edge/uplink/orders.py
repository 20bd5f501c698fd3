"""What the server may ask of a station, and the station's answer to it.

`agent` hands in payloads as they arrived; whatever they contain, an answer or nothing comes out.
A command is done once, before its deadline, and remembered over restarts: that it has begun is on
the card first, which may take its time. Only `open-contactor`, which is always on the safe side,
waits for no card, and is done also where the station's clock was never set, so that a deadline
cannot be judged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from warmstation_edge.clock import Clock
from warmstation_wire import Applied, BadPayload, Command, Desired, Leaf, Result, decode
from warmstation_wire.command import Outcome

_log = logging.getLogger(__name__)
_LONGEST = 200
"""The contract's bound for a reason or a detail."""
_REMEMBERED = 256
_MOST_BEGUN = 64
"""Commands that may wait for a card that hangs; further ones have to be sent again."""


class Controls(Protocol):
    """What can be set and done at a station."""

    def apply(self, desired: Desired) -> None:
        """Take this configuration, whole or not at all; ValueError says why it cannot be."""
        ...

    def execute(self, command: Command) -> tuple[Outcome, str | None]:
        """Do it; what became of it, with a detail for people."""
        ...


class CommandLog(Protocol):
    """Remembers answers over restarts; the outbox's notes do."""

    def result(self, command: str) -> bytes | None:
        """The answer given to this command."""
        ...

    def keep_result(
        self, command: str, result: bytes, then: Callable[[], None] | None = None
    ) -> None:
        """Remember an answer; `then` is called once it is kept, or cannot be."""
        ...


class Orders:
    """Answers what arrived on `desired` and `command`."""

    def __init__(self, controls: Controls, log: CommandLog, clock: Clock) -> None:
        self._controls = controls
        self._log = log
        self._clock = clock
        self._done: dict[str, bytes] = {}
        self._begun: set[str] = set()
        self._answers: list[tuple[Leaf, bytes]] = []

    def hear(self, leaf: Leaf, payload: bytes) -> None:
        """Do what arrived, now or as soon as it is on the card that it has begun."""
        if leaf is Leaf.DESIRED and payload:  # an empty one only clears the retained message
            self._answers.append((Leaf.APPLIED, self._desired(payload).to_json()))
        if leaf is Leaf.COMMAND:
            self._command(payload)

    def answers(self) -> list[tuple[Leaf, bytes]]:
        """The answers since the last call, and where they go."""
        answers, self._answers = self._answers, []
        return answers

    def _desired(self, payload: bytes) -> Applied:
        try:
            desired = decode(Desired, payload)
        except BadPayload as error:
            return Applied(ok=False, reason=str(error)[:_LONGEST])
        try:
            self._controls.apply(desired)
        except ValueError as error:
            return Applied(revision=desired.revision, ok=False, reason=str(error)[:_LONGEST])
        return Applied(revision=desired.revision, ok=True)

    def _command(self, payload: bytes) -> None:
        try:
            command = decode(Command, payload)
        except BadPayload as error:
            _log.warning("a command is refused: %s", error)
            return
        if command.id in self._begun:
            return
        known = self._done.get(command.id) or self._log.result(command.id)
        if known:
            self._answers.append((Leaf.RESULT, known))
        elif not self._is_hindered(command):
            self._begin(command)

    def _begin(self, command: Command) -> None:
        if command.command == "open-contactor":
            self._do(command)
            return
        now = self._clock.now()
        if len(self._begun) >= _MOST_BEGUN:
            said = "the station's card hangs"
            self._answer(command, Result(id=command.id, outcome="failed", at=now, detail=said))
            return
        begun = Result(id=command.id, outcome="failed", at=now, detail="interrupted by a restart")
        self._begun.add(command.id)
        self._log.keep_result(command.id, begun.to_json(), partial(self._do_in_time, command))

    def _do_in_time(self, command: Command) -> None:
        self._begun.discard(command.id)
        if not self._is_hindered(command):
            self._do(command)

    def _is_hindered(self, command: Command) -> bool:
        is_clock_set = self._clock.quality() != "unsynced"
        hindrance = not_to_do(command, self._clock.now(), is_clock_set)
        if hindrance is not None:
            self._answer(command, hindrance)  # and it is not done later all the same
        return hindrance is not None

    def _do(self, command: Command) -> None:
        now = self._clock.now()
        outcome, detail = self._execute(command)
        detail = detail[:_LONGEST] if detail else None
        done = Result(id=command.id, outcome=outcome, at=now, detail=detail)
        self._log.keep_result(command.id, done.to_json())
        self._answer(command, done)

    def _answer(self, command: Command, result: Result) -> None:
        answer = result.to_json()
        self._answers.append((Leaf.RESULT, answer))
        self._done[command.id] = answer
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]

    def _execute(self, command: Command) -> tuple[Outcome, str | None]:
        try:
            return self._controls.execute(command)
        except Exception as error:  # noqa: BLE001  # a driver's error must never end the sampling
            _log.exception("command %s failed", command.command)
            return "failed", f"{type(error).__name__}: {error}"


def not_to_do(command: Command, now: datetime, is_clock_set: bool) -> Result | None:
    """Why a new command must not be done now; None where it may be."""
    if command.command == "open-contactor" and not is_clock_set:
        return None
    if not is_clock_set:
        why = "the station's clock is not set, so the deadline cannot be judged"
        return Result(id=command.id, outcome="failed", at=now, detail=why)
    if now > command.deadline:
        return Result(id=command.id, outcome="late", at=now)
    return None
