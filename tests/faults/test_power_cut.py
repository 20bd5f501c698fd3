"""The power of a virtual machine is cut at random points while its outbox is written.

Whatever the sampler was told is on the card is there after the cut, the database opens, and no
number is used twice.
"""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random

import pytest

from tests.support.virtual_machine import Machine, Run

_NEVER = threading.Event()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def test_five_power_cuts_lose_nothing_that_was_acknowledged(machine: Machine) -> None:
    _cut(machine, 5, Random(5))


@pytest.mark.slow
def test_fifty_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    _cut(Machine(tmp_path), 50, Random(50))


def _cut(machine: Machine, times: int, rng: Random) -> None:
    promised: set[int] = set()
    highest = 0
    for _ in range(times):
        with machine.running() as run:
            _check(run, promised, highest)
            for _ in range(rng.randrange(1, 20)):
                run.line("kept")
            _NEVER.wait(rng.uniform(0, 0.1))
        promised |= _told(run)
        highest = max(highest, *promised)
    with machine.running() as run:
        _check(run, promised, highest)
    assert len(promised) >= 2 * times


def _check(run: Run, promised: set[int], highest: int) -> None:
    assert run.line("trouble") == [], "the database opens"
    waiting = {int(seq) for seq in run.line("waits")}
    assert promised <= waiting, f"lost: {sorted(promised - waiting)}"
    assert int(run.line("flushed")[0]) - 2 > highest, "a number is never used again"


def _told(run: Run) -> set[int]:
    """What this run said is on the card: safety events, and every number of a flushed batch."""
    told: set[int] = set()
    for words in run.lines:
        if words[0] in ("kept", "flushed") and len(words) == 2:
            last = int(words[1])
            told |= {last} if words[0] == "kept" else {last - 2, last - 1, last}
    return told
