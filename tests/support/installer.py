"""An installer who does, at a mock board, what the doctor asks: in the time of a fake clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.stations import StationOnBoard
from warmstation_edge.doctor.rounds import TURN_S, Rounds
from warmstation_edge.doctor.step import Change, Language, Step
from warmstation_edge.doctor.steps import all_steps
from warmstation_edge.doctor.wired import Wired
from warmstation_wire.commissioning import Check

Act = Callable[[StationOnBoard], None]
_EVERY = 24
"""Turns between two acts: six seconds, in which everything is sampled once."""


@dataclass
class Installer:
    """Implements rounds.Desk. `does`: what happens by step, one act after the other."""

    station: StationOnBoard
    does: Mapping[str, tuple[Act, ...]]
    skips: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    _step: str = ""
    _turns: int = 0

    def ask(self, number: int, count: int, step: Step) -> None:
        """Note the question."""
        self._step, self._turns = step.name, 0
        if step.asked is not None:
            self.asked.append(step.name)

    def show(self, value: str, left_s: float) -> None:
        """Note the value."""
        self.shown.append(f"{self._step} {value}")

    def is_skipped(self) -> bool:
        """Only what is in `skips`."""
        return self._step in self.skips

    def tell(self, check: Check) -> None:
        """The verdict is in what `go` returns."""

    def pause(self, seconds: float) -> None:
        """Time passes, and the installer acts."""
        assert seconds == TURN_S
        self._turns += 1
        acts = self.does.get(self._step, ())
        number, rest = divmod(self._turns, _EVERY)
        if rest == 0 and number <= len(acts):
            acts[number - 1](self.station)
        self.station.clock.advance(seconds)
        self.station.turn()


@dataclass(frozen=True)
class Visit:
    """What came of a commissioning."""

    checks: dict[str, Check]
    changes: list[Change]
    installer: Installer

    def verdicts(self, verdict: str) -> set[str]:
        """The names of the checks that ended so."""
        return {name for name, check in self.checks.items() if check.verdict == verdict}


def visit(
    station: StationOnBoard,
    does: Mapping[str, tuple[Act, ...]],
    *,
    skips: frozenset[str] = frozenset(),
    with_installer: bool = True,
) -> Visit:
    """Go through all steps of the station's profile."""
    installer = Installer(station, does, skips)
    wired = Wired(station.sampler, station.sensors)
    rounds = Rounds(
        wired,
        station.clock,
        installer,
        installer.pause,
        Language.ENGLISH,
        with_installer,
    )
    checks = {check.name: check for check in rounds.go(all_steps(station.profile, wired))}
    return Visit(checks, rounds.changes, installer)
