"""One station's winter for the bench: a healthy life, and a future for each trouble."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.bench.heating_faults import FAULTS
from tests.bench.heating_rivals import Threshold, ZoneRule
from tests.bench.heating_world import World
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import Diagnosis

_HORIZON_S = 36.0 * 3600.0
_SILENT_S = 3.0 * 86400.0
_FROM_FIRST_CALL = ("no_heat", "half_heat", "detached")


class Detector(Protocol):
    """Anything that names causes as samples come."""

    def after(self, sample: Sample) -> list[str]:
        """Causes named at this sample."""
        ...

    def twin(self) -> Detector:
        """The same detector at the same moment, with a future of its own."""
        ...


@dataclass
class Ours:
    """The diagnosis; its twin goes through its JSON state."""

    diagnosis: Diagnosis
    spent_s: float = 0.0
    reports: int = 0

    def after(self, sample: Sample) -> list[str]:
        """Causes named at this sample; the time it took is kept."""
        began = time.process_time_ns()
        findings = self.diagnosis.after(sample)
        self.spent_s += (time.process_time_ns() - began) / 1e9
        self.reports += 1
        return [finding.cause for finding in findings]

    def twin(self) -> Detector:
        """From the saved state."""
        state = json.loads(json.dumps(self.diagnosis.state()))
        return Ours(Diagnosis.restore(self.diagnosis.config, state))


@dataclass(frozen=True)
class Outcome:
    """What one detector said first of one trouble; None = nothing in 36 hours.

    `minutes`: since the onset (what heats too little: since the first call); `shown_min`: since
    anything could be seen of it: a relay that welds while heat is called for does what it should
    until the call ends.
    """

    detector: str
    fault: str
    group: str
    minutes: float | None
    shown_min: float | None
    label: str
    is_right: bool


@dataclass
class Winter:
    """What came of one station. `false`: alarms in health, `so`: limits told in health that the
    air had really passed (a heater too small for a cold snap is no broken one)."""

    seed: int
    group: str
    days: float
    outcomes: list[Outcome] = field(default_factory=list)
    false: Counter[tuple[str, str]] = field(default_factory=Counter)
    so: Counter[tuple[str, str]] = field(default_factory=Counter)
    report_s: float = 0.0


def winter(world: World, seed: int, *, learn_days: int, days: int, only: list[str]) -> Winter:
    """Lives `learn_days` + `days` healthy days; each trouble branches off after the learning."""
    building = world.building
    config = building.config()
    ours = Ours(Diagnosis(config))
    detectors: dict[str, Detector] = {
        "16C": Threshold(config),
        "G36": ZoneRule(config),
        "ours": ours,
    }
    group = f"{building.kind}{'+W' if building.metered else ''}"
    result = Winter(seed, group, learn_days + days - 3.0)
    pending = _onsets(world, seed, learn_days, only)
    while world.t_s < (learn_days + days) * 86400.0:
        sample = world.advance()
        while pending and world.t_s >= pending[0][0]:
            result.outcomes += _broken(world, detectors, pending.pop(0)[1], group, seed)
        if sample is not None:
            for name, detector in detectors.items():
                told = detector.after(sample)
                if world.t_s > _SILENT_S:
                    for cause in told:
                        kept = result.so if _is_so(cause, world.air_c) else result.false
                        kept[name, cause] += 1
    result.report_s = ours.spent_s / max(1, ours.reports)
    return result


def _is_so(cause: str, air_c: float) -> bool:
    """Whether a limit was told that the air had passed, sensors of half a degree allowed."""
    return (cause == "cold" and air_c < 16.5) or (cause == "frost" and air_c < 8.5)


def _onsets(world: World, seed: int, learn_days: int, only: list[str]) -> list[tuple[float, str]]:
    """Open hours of the first two days after learning, one onset for each trouble."""
    rng = random.Random(seed)
    opening_h = world.building.open_h
    onsets = []
    for fault in FAULTS:
        hour = (opening_h + rng.uniform(0.6, 7.0)) % 24.0 + 24.0 * rng.randrange(2)
        if not only or fault in only:
            onsets.append((learn_days * 86400.0 + 3600.0 * hour, fault))
    return sorted(onsets)


def _broken(
    world: World, detectors: Mapping[str, Detector], fault: str, group: str, seed: int
) -> list[Outcome]:
    fork = world.fork(seed * 1009 + sum(fault.encode()))
    do_break, right = FAULTS[fault]
    twins = {name: detector.twin() for name, detector in detectors.items()}
    do_break(fork)
    begun_s, shown_s, ends_s = fork.t_s, fork.t_s, fork.t_s + _HORIZON_S
    waits_for_call, waits_for_rest = fault in _FROM_FIRST_CALL, fault == "stuck_on"
    found: dict[str, Outcome] = {}
    while fork.t_s < ends_s and len(found) < len(twins):
        sample = fork.advance()
        if waits_for_call:
            waits_for_call = fork.call <= 0.0
            begun_s = shown_s = fork.t_s - world.building.interval_s
        if waits_for_rest:
            waits_for_rest = fork.call > 0.0
            shown_s = fork.t_s - world.building.interval_s
        if sample is None:
            continue
        for name in [name for name in twins if name not in found]:
            told = twins[name].after(sample)
            if told:
                minutes, shown = (fork.t_s - begun_s) / 60.0, (fork.t_s - shown_s) / 60.0
                is_right = told[0] in right
                found[name] = Outcome(name, fault, group, minutes, shown, told[0], is_right)
    missed = [name for name in twins if name not in found]
    nothing = [Outcome(name, fault, group, None, None, "-", is_right=False) for name in missed]
    return [*found.values(), *nothing]
