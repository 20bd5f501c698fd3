"""`make bench`: measures the whole path and prints one JSON object. Asserts nothing.

Keys have their units in their names. Everything is loopback on this machine; where two figures
are to be compared (ours against nginx), both were taken in the same run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module

PARTS = ("yardstick", "whole_path", "stages", "agent", "feed", "board", "alerts", "district")


def main(names: list[str]) -> int:
    """Measure the named parts, or all."""
    found: dict[str, object] = {}
    for name in names or PARTS:
        print(f"bench: {name} ...", file=sys.stderr)
        measure: Callable[[], dict[str, float]] = import_module(f"tests.bench.{name}").measure
        found |= measure()
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
