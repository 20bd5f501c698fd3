"""How fast this machine is just now: shared machines change by a factor of five within an hour.

Divide a figure by its yardstick before comparing it with another day's.
"""

from __future__ import annotations

import time

from warmstation_wire import Report
from warmstation_wire.examples import REPORT

_COUNT = 5_000


def measure() -> dict[str, float]:
    """pydantic reading one report of true size, and a bare loop of Python."""
    text = REPORT.to_json()
    began = time.process_time()
    for _ in range(_COUNT):
        Report.model_validate_json(text)
    validated = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number
    looped = time.process_time()
    return {
        "yardstick_validate_us": round((validated - began) / _COUNT * 1e6, 1),
        "yardstick_loop_ns": round((looped - validated) / 1_000_000 * 1e9, 1),
    }
