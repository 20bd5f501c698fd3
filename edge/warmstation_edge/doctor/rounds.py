"""Goes through the steps with the installer: turns the sampler, shows values, writes verdicts.

Time, keys and screen are handed in, so that a test plays the installer in no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from warmstation_edge.clock import Clock
from warmstation_edge.doctor.step import PASSED, Change, Finding, Language, Step
from warmstation_edge.measurement import Measurement
from warmstation_wire.commissioning import Check

TURN_S = 0.25
_REMEMBERED = 1200
"""Measurements of a step, at most: five minutes of turns."""


class Sampling(Protocol):
    """What is turned; sampler.Sampler is one."""

    def turn(self) -> None:
        """Read what is due."""
        ...

    def measure(self) -> Measurement:
        """What is known now."""
        ...


class Desk(Protocol):
    """Screen and keys; terminal.Terminal is one."""

    def ask(self, number: int, count: int, step: Step) -> None:
        """Show what to do."""
        ...

    def show(self, value: str, left_s: float) -> None:
        """Show the value now, and how long is left."""
        ...

    def is_skipped(self) -> bool:
        """Whether the installer wants to go on without it, or has seen what only an eye can."""
        ...

    def tell(self, check: Check) -> None:
        """Show the verdict."""
        ...


class Rounds:
    """One commissioning. `pause` waits a turn's time; without an installer what asks is skipped."""

    def __init__(
        self,
        sampler: Sampling,
        clock: Clock,
        desk: Desk,
        pause: Callable[[float], None],
        language: Language = Language.CHINESE,
        with_installer: bool = True,
    ) -> None:
        self._sampler = sampler
        self._clock = clock
        self._desk = desk
        self._pause = pause
        self._language = language
        self._with_installer = with_installer
        self.changes: list[Change] = []

    def go(self, steps: Iterable[Step]) -> list[Check]:
        """All steps, in order. What they want changed in the profile is in `changes`."""
        every = list(steps)
        checks = []
        for number, step in enumerate(every, 1):
            check = self._one(number, len(every), step)
            self._desk.tell(check)
            checks.append(check)
        return checks

    def _one(self, number: int, count: int, step: Step) -> Check:
        asked = None if step.asked is None else step.asked.said(self._language)
        if asked is not None and not self._with_installer:
            return Check(name=step.name, verdict="skipped", asked=asked)
        self._desk.ask(number, count, step)
        seen = [self._turned()]
        until = self._clock.monotonic() + step.within_s
        while (left_s := until - self._clock.monotonic()) > 0:
            finding = step.judge(seen)
            if finding is not None:
                return self._check(step, finding, seen[-1])
            if self._desk.is_skipped():
                if step.is_by_eye:
                    return self._check(step, PASSED, seen[-1])
                live = step.live(seen[-1])
                return Check(name=step.name, verdict="skipped", live=live, asked=asked)
            self._desk.show(step.live(seen[-1]), left_s)
            if step.act is not None:
                step.act(seen)
            self._pause(TURN_S)
            seen = [seen[0], *seen[1:][-_REMEMBERED:], self._turned()]
        late = Finding(passed=False, cause=step.cause(seen))
        return self._check(step, late, seen[-1])

    def _turned(self) -> Measurement:
        self._sampler.turn()
        return self._sampler.measure()

    def _check(self, step: Step, finding: Finding, last: Measurement) -> Check:
        self.changes.extend(finding.changes)
        cause, asked = finding.cause, step.asked
        return Check(
            name=step.name,
            verdict="pass" if finding.passed else "fail",
            live=step.live(last),
            cause=None if cause is None else cause.said(self._language),
            asked=None if asked is None else asked.said(self._language),
        )
