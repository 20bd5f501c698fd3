"""What hatch does at a build: the dashboards' assets always, machine code where it is asked for.

`WARMSTATION_COMPILE=1 pip install .` compiles the modules that pyproject.toml names with mypyc:
pure and hot ones, which do the same in less time then. Without it nothing is compiled. Machine
code lies beside the sources, and the wheel's tag says for which Python it is.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin.utils import load_plugin_from_script

ROOT = Path(__file__).parents[1]
ASKED = "WARMSTATION_COMPILE"
_EXACT = "-ffp-contract=off"
"""Some processors multiply and add in one step, rounding once: not what Python does."""
# One library, `warmstation__mypyc`, has all modules, so that they call each other directly.
_SETUP = """
import json, sys
from setuptools import setup
from mypyc.build import mypycify
options = ["--config-file=", "--ignore-missing-imports", "--explicit-package-bases"]
*modules, level = json.loads(sys.argv.pop(1))
told = {"opt_level": level, "debug_level": "0", "multi_file": True, "group_name": "warmstation"}
found = mypycify([*options, *modules], **told)
setup(name="compiled", py_modules=[], ext_modules=found)
"""


class CannotCompile(RuntimeError):
    """One sentence: what is missing, or what the compiler said."""


class Hook(BuildHookInterface[Any]):
    """The dashboards' assets, and then machine code where the environment asks for it."""

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        path = Path(self.root) / "dashboards/build_assets.py"
        assets = load_plugin_from_script(str(path), path.name, BuildHookInterface, "build_hook")
        self._assets = assets(*values, **more)
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """What has to be there at build time: nothing more, unless it is asked for."""
        return requirements(Path(self.root)) if is_asked() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together."""
        self._assets.initialize(version, build_data)
        if not is_asked() or self.target_name != "wheel":
            return
        root = Path(self.root)
        self._scratch = tempfile.TemporaryDirectory(prefix="warmstation-compile-")
        scratch = Path(self._scratch.name)
        found = compiled(root, declared(root), scratch)
        build_data |= {"pure_python": False, "infer_tag": True}
        for path in found:
            place = path.relative_to(scratch / "server")
            if version == "editable":
                shutil.copy(path, root / "server" / place)
            else:
                build_data["force_include"][str(path)] = str(place)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After it: the machine code is in the wheel, or beside the sources."""
        del version, build_data, artifact_path
        if self._scratch is not None:
            self._scratch.cleanup()


def get_build_hook() -> type[Hook]:
    """The one of this file that hatch is to take."""
    return Hook


def is_asked() -> bool:
    """Whether the environment asks for machine code."""
    return os.environ.get(ASKED, "0") not in {"", "0"}


def declared(root: Path = ROOT) -> list[Path]:
    """The modules that pyproject.toml names, below `root`."""
    hooks = _project(root)["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]
    named, left_out = (hooks["custom"][key] for key in ("compiled", "interpreted"))
    found = {path for pattern in named for path in root.glob(pattern)}
    return sorted(path.relative_to(root) for path in found - {root / one for one in left_out})


def requirements(root: Path = ROOT) -> list[str]:
    """mypyc, as the developers have it, and what the modules import."""
    table = _project(root)
    mypy = next(one for one in table["dependency-groups"]["dev"] if one.startswith("mypy>"))
    return [mypy.replace("mypy", "mypy[mypyc]", 1), *table["project"]["dependencies"]]


def compiled(
    root: Path, modules: Iterable[Path], scratch: Path, level: str = "3"
) -> Sequence[Path]:
    """The libraries made of these modules of `root`, beside copies of all sources in `scratch`.

    Nothing is written below `root`. Raises CannotCompile.
    """
    _check_tools()
    for room in ("edge", "server"):
        shutil.copytree(
            root / room, scratch / room, ignore=shutil.ignore_patterns("*.so", "__pycache__")
        )
    server = scratch / "server"
    names = [str(Path(path).relative_to("server")) for path in modules]
    _run_mypyc([*names, level], server)
    shutil.rmtree(server / "build")
    return sorted(server.rglob("*.so"))


def _run_mypyc(told: list[str], server: Path) -> None:
    setup = server.parent / "setup.py"
    setup.write_text(_SETUP, "utf-8")
    jobs = str(os.cpu_count() or 1)
    command = [sys.executable, str(setup), json.dumps(told), "build_ext", "--inplace", "-j", jobs]
    around = {
        **os.environ,
        "CFLAGS": f"{os.environ.get('CFLAGS', '')} {_EXACT}",
        "MYPYPATH": str(server.parent / "edge"),
        "MYPY_CACHE_DIR": str(server.parent / "cache"),
    }
    done = subprocess.run(  # noqa: S603
        command, cwd=server, env=around, check=False, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise CannotCompile("mypyc could not compile:\n" + "\n".join(said[-20:]))


def _check_tools() -> None:
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    missing = [
        name
        for name, is_there in (
            (f"the C compiler {compiler}", shutil.which(compiler) is not None),
            (f"Python's headers {headers}", headers.is_file()),
        )
        if not is_there
    ]
    if missing:
        raise CannotCompile(
            f"{ASKED} needs {' and '.join(missing)}: install gcc and python3-dev, or leave it out"
            " for pure Python, which does the same."
        )


def _project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
