"""What the server may ask of a station, and the station's answer to it.

`agent` hands in payloads as they arrived; whatever they contain, an answer or nothing comes out.
A command is done once, before its deadline, and remembered over restarts. Where the station's
clock was never set a deadline cannot be judged: only `open-contactor`, which is always on the
safe side, is done then.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from warmstation_edge.clock import Clock
from warmstation_wire import Applied, BadPayload, Command, Desired, Leaf, Result, decode
from warmstation_wire.command import Outcome

_log = logging.getLogger(__name__)
_LONGEST = 200
"""The contract's bound for a reason or a detail."""
_REMEMBERED = 256


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

    def keep_result(self, command: str, result: bytes) -> None:
        """Remember an answer, at once."""
        ...


class Orders:
    """Answers what arrived on `desired` and `command`."""

    def __init__(self, controls: Controls, log: CommandLog, clock: Clock) -> None:
        self._controls = controls
        self._log = log
        self._clock = clock
        self._done: dict[str, bytes] = {}

    def answer(self, leaf: Leaf, payload: bytes) -> tuple[Leaf, bytes] | None:
        """The answer and where it goes; None where there is nobody to answer."""
        if leaf is Leaf.DESIRED and payload:  # an empty one only clears the retained message
            return Leaf.APPLIED, self._desired(payload).to_json()
        if leaf is Leaf.COMMAND:
            result = self._command(payload)
            return (Leaf.RESULT, result) if result else None
        return None

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

    def _command(self, payload: bytes) -> bytes | None:
        try:
            command = decode(Command, payload)
        except BadPayload as error:
            _log.warning("a command is refused: %s", error)
            return None
        known = self._done.get(command.id) or self._log.result(command.id)
        if known:
            return known
        now = self._clock.now()
        hindrance = not_to_do(command, now, self._clock.quality() != "unsynced")
        if hindrance is None:
            return self._once(command, now)
        return self._answered(command, hindrance.to_json())  # and not done later all the same

    def _once(self, command: Command, now: datetime) -> bytes:
        begun = Result(id=command.id, outcome="failed", at=now, detail="interrupted by a restart")
        self._log.keep_result(command.id, begun.to_json())
        outcome, detail = self._execute(command)
        detail = detail[:_LONGEST] if detail else None
        done = Result(id=command.id, outcome=outcome, at=now, detail=detail).to_json()
        self._log.keep_result(command.id, done)
        return self._answered(command, done)

    def _answered(self, command: Command, answer: bytes) -> bytes:
        self._done[command.id] = answer
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]
        return answer

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
