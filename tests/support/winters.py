"""What the diagnosis says of winters with troubles, as one checksum: alike to the bit, or not.

`python -m tests.support.winters --kinds electric,radiator --learn 14` prints it with whether the
code that said it was compiled; `PYTHONPATH` decides which code that is.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from tests.bench.heating_faults import FAULTS
from tests.bench.heating_world import World
from warmstation_server.diagnosis.config import Kind
from warmstation_server.diagnosis.station import Diagnosis
from warmstation_server.machine_code import is_compiled

_DAY_S = 86400.0
_TROUBLE_S = 1.5 * _DAY_S


class Winters:
    """`digest`: of every finding and of the states at every trouble's beginning and end."""

    def __init__(self) -> None:
        self._said = hashlib.sha256()
        self.findings = 0
        self.reports = 0
        self.spent_s = 0.0

    def live(self, seed: int, kind: Kind, interval_s: float, learn_days: float) -> None:
        """Days in health, then each trouble on its own."""
        world = World.of(seed, kind, interval_s, metered=seed % 2 == 0, harsh=True)
        diagnosis = Diagnosis(world.building.config())
        self._until(world, diagnosis, learn_days * _DAY_S + _DAY_S / 2)
        for number, (break_it, _) in enumerate(FAULTS.values()):
            fork = world.fork(seed * 1009 + number)
            break_it(fork)
            twin = Diagnosis.restore(diagnosis.config, copy.deepcopy(diagnosis.state()))
            self._until(fork, twin, fork.t_s + _TROUBLE_S)

    def digest(self) -> str:
        """Of all so far."""
        return self._said.hexdigest()

    def _until(self, world: World, diagnosis: Diagnosis, end_s: float) -> None:
        while world.t_s < end_s:
            sample = world.advance()
            if sample is None:
                continue
            began = time.process_time_ns()
            findings = diagnosis.after(sample)
            self.spent_s += (time.process_time_ns() - began) / 1e9
            self.reports += 1
            self.findings += len(findings)
            for finding in findings:
                self._say(asdict(finding))
        self._say(diagnosis.state())

    def _say(self, value: object) -> None:
        self._said.update(json.dumps(value, sort_keys=True, default=repr).encode())


def winters(kinds: Sequence[Kind], interval_s: float, learn_days: float) -> dict[str, object]:
    """One station of each kind, then what was said and at what cost."""
    found = Winters()
    for seed, kind in enumerate(kinds):
        found.live(seed, kind, interval_s, learn_days)
    return {
        "compiled": is_compiled(),
        "digest": found.digest(),
        "findings": found.findings,
        "reports": found.reports,
        "us_per_report": round(found.spent_s / found.reports * 1e6, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", default="electric,heatpump,radiator")
    parser.add_argument("--interval", type=float, default=60.0)
    parser.add_argument("--learn", type=float, default=14.0)
    told = parser.parse_args()
    kinds = cast("list[Kind]", told.kinds.split(","))
    print(json.dumps(winters(kinds, told.interval, told.learn)))
