"""Who was busy during a load, and so what limits it: one thread, or the whole machine."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_FULL = 0.85
"""Of a core: a thread that waits for the disk or for its turn now and then has no more."""
_IDLE = 0.1
_IDLE_AT = (3, 4)
"""Idle and waiting for the disk, among the columns of /proc/stat (proc(5))."""


@dataclass(frozen=True, slots=True)
class Moment:
    """CPU seconds until now: of each thread of each named stage, and of nobody."""

    at_s: float
    threads: Mapping[str, Mapping[str, float]]
    idle_s: float


def moment(stages: Mapping[str, Sequence[int]]) -> Moment:
    """Now. `stages`: the processes of each."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    idle = sum(int(fields[at]) for at in _IDLE_AT) / _TICKS_PER_S
    return Moment(time.monotonic(), {name: _threads(pids) for name, pids in stages.items()}, idle)


def shares(before: Moment, after: Moment) -> dict[str, float]:
    """Of a core: the busiest thread of each stage, and what nobody used (`idle`)."""
    took = after.at_s - before.at_s
    found = {
        name: max(
            (spent - before.threads[name].get(thread, 0.0) for thread, spent in threads.items()),
            default=0.0,
        )
        for name, threads in after.threads.items()
    }
    found["idle"] = after.idle_s - before.idle_s
    return {name: round(spent / took, 2) for name, spent in found.items()}


def limit(found: Mapping[str, float]) -> str:
    """What `shares` means, in words."""
    stages = {name: share for name, share in found.items() if name != "idle"}
    busiest = max(stages, key=lambda name: stages[name])
    if stages[busiest] >= _FULL:
        return f"one thread of the {busiest}"
    cores = os.cpu_count() or 1
    if found["idle"] < _IDLE * cores:
        return f"the machine: its {cores} cores; most of one thread has the {busiest}"
    return "what is offered, or the disk"


def _threads(pids: Sequence[int]) -> dict[str, float]:
    found = {}
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/stat"):
            with suppress(OSError):  # it has just ended
                fields = task.read_text("utf-8").rpartition(")")[2].split()
                found[task.parent.name] = (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return found
