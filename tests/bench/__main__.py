"""`make bench`: measures the whole path and prints one JSON object. Asserts nothing.

Keys have their units in their names. Everything is loopback on this machine; where two figures
are to be compared (ours against nginx), both were taken in the same run.

    python -m tests.bench [PART ...] [--OPTION NUMBER ...]

Options are those of the part's `measure`, as in `country --stations 200000`. `country`,
`side_by_side`, `influx`, `ingest_influx` and `diagnosis` run only where they are named. `compiled`
says whether the code that ran was (see server/README.md).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from inspect import signature

from warmstation_server.machine_code import is_compiled

PARTS = (
    "yardstick",
    "whole_path",
    "receive",
    "stages",
    "agent",
    "feed",
    "board",
    "alerts",
    "district",
)


def main(arguments: list[str]) -> int:
    """Measure the named parts, or all; 2 where an option is no pair of a name and a number."""
    try:
        names, options = _taken_apart(arguments)
    except ValueError:
        print(__doc__, file=sys.stderr)
        return 2
    found: dict[str, object] = {"compiled": is_compiled()}
    for name in names or PARTS:
        print(f"bench: {name} ...", file=sys.stderr)
        measure: Callable[..., dict[str, object]] = import_module(f"tests.bench.{name}").measure
        taken = signature(measure).parameters
        found |= measure(**{name: one for name, one in options.items() if name in taken})
    print(json.dumps(found, indent=2))
    return 0


def _taken_apart(arguments: list[str]) -> tuple[list[str], dict[str, int]]:
    at = next((i for i, one in enumerate(arguments) if one.startswith("--")), len(arguments))
    pairs = zip(arguments[at::2], arguments[at + 1 :: 2], strict=True)
    return arguments[:at], {name[2:].replace("-", "_"): int(value) for name, value in pairs}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
