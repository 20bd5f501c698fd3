"""CPU microseconds of the diagnosis for a report: plain Python, and the same compiled, by turns.

    python -m tests.bench diagnosis --rounds 3

Three kinds of heaters, some days in health and every trouble after them. Compiling takes a minute
or two and a C compiler; both say the same to the bit (`diagnosis_is_same`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from build_compiled import ROOT, compiled, declared
from tests.bench import yardstick


def measure(rounds: int = 3) -> dict[str, object]:
    """The median of so many rounds each, with the yardstick of the very same moments."""
    found: dict[str, list[dict[str, Any]]] = {"plain": [], "compiled": []}
    with TemporaryDirectory(prefix="warmstation-bench-") as name:
        scratch = Path(name)
        compiled(ROOT, declared(), scratch)
        paths = {"plain": ROOT, "compiled": scratch}
        for _ in range(rounds):
            for word, root in paths.items():
                found[word].append(_round(root))
    digests = {one["digest"] for ones in found.values() for one in ones}
    told: dict[str, object] = {"diagnosis_is_same": len(digests) == 1}
    for word, ones in found.items():
        units = median(one["us_per_report"] / one["yardstick_us"] for one in ones)
        told[f"diagnosis_{word}_us_per_report"] = median(one["us_per_report"] for one in ones)
        told[f"diagnosis_{word}_yardstick_us"] = median(one["yardstick_us"] for one in ones)
        told[f"diagnosis_{word}_yardsticks"] = round(units, 2)
    return told


def _round(root: Path) -> dict[str, Any]:
    paths = os.pathsep.join(str(root / room) for room in ("server", "edge"))
    before = yardstick.measure()["yardstick_validate_us"]
    done = subprocess.run(
        (sys.executable, "-m", "tests.support.winters", "--learn", "4"),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=True,
    )
    after = yardstick.measure()["yardstick_validate_us"]
    said: dict[str, Any] = json.loads(done.stdout)
    return said | {"yardstick_us": (before + after) / 2}
