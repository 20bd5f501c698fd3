"""Compiled code says what plain Python says, to the bit; nobody gets it who did not ask for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from build_compiled import ASKED, ROOT, CannotCompile, Hook, compiled, declared, requirements
from tests.support.winters import winters

DIAGNOSIS = Path("server/warmstation_server/diagnosis")
QUICK = [DIAGNOSIS / f"{name}.py" for name in ("cusum", "likelihood", "regression")]
ROOMS = ("diagnosis", "conditions", "status")
LOOKED_AT = (
    *(f"status/test_{name}.py" for name in ("evidence", "openness", "station")),
    *(f"conditions/test_{name}.py" for name in ("frost", "heating")),
    *(f"diagnosis/test_{name}.py" for name in ("readings", "safety_net", "witnesses")),
    "diagnosis/test_station.py::test_state_goes_through_json_at_any_cut_and_the_future_is_the_same",
)
"""What goes through most of the code in the least time."""
# With one name `itemgetter` gives no tuple: right in plain Python, an error where it is compiled.
TOLERATED = """
from collections.abc import Callable
from operator import itemgetter
from typing import Any

def _values(count: int) -> Callable[[Any], tuple[Any, ...]]:
    return itemgetter(*range(count))

def first(row: list[int]) -> str:
    found = _values(len(row))(row)
    return str(found)
"""


def test_a_build_needs_a_compiler_only_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing: Any = None
    hook = Hook(str(ROOT), {}, nothing, nothing, "", "wheel")
    for word, needed in (("", []), ("0", []), ("1", requirements())):
        monkeypatch.setenv(ASKED, word)
        assert hook.dependencies() == needed
    assert any(one.startswith("mypy[mypyc]>=") for one in requirements())


def test_what_is_compiled_is_there_and_its_heirs_are_left_out() -> None:
    modules = declared()
    assert {path.parent.name for path in modules} == set(ROOMS)
    assert all((ROOT / path).is_file() for path in modules)
    assert Path("server/warmstation_server/conditions/watch.py") not in modules


def test_a_missing_compiler_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -pthread")
    with pytest.raises(CannotCompile, match=r"needs the C compiler no-such-compiler.*: install"):
        compiled(ROOT, QUICK, tmp_path)


def test_compiled_regressions_say_the_same_to_the_bit(tmp_path: Path) -> None:
    found = compiled(ROOT, QUICK, tmp_path, level="0")
    names = {path.name.partition(".")[0] for path in found}
    assert names == {"cusum", "likelihood", "regression", "warmstation__mypyc"}
    told = ("--kinds", "electric", "--interval", "600", "--learn", "4")
    paths = os.pathsep.join(str(tmp_path / room) for room in ("server", "edge"))
    said = _winters(sys.executable, *told, PYTHONPATH=paths)
    usual = winters(["electric"], 600.0, 4.0)
    assert said["findings"] == usual["findings"] != 0
    assert said["digest"] == usual["digest"]


def test_plain_python_looks_where_compiled_code_would_and_finds_nothing_wrong(
    tmp_path: Path,
) -> None:
    wrong, found = tmp_path / "tolerated.py", tmp_path / "seams.json"
    wrong.write_text(TOLERATED, "utf-8")
    found.write_text(_run((sys.executable, "-m", "tests.support.compiler_front", str(wrong)), ROOT))
    assert json.loads(found.read_text("utf-8"))["refused"] == []
    around = {"WARMSTATION_SEAMS": str(found), "PYTHONPATH": str(tmp_path)}
    asks = "import tests.support.seams; from tolerated import first; first(["
    _run((sys.executable, "-c", f"{asks}1, 2])"), ROOT, **around)
    with pytest.raises(AssertionError, match=r"tolerated:\d+: compiled, this must be tuple: 1"):
        _run((sys.executable, "-c", f"{asks}1])"), ROOT, **around)
    told = ("-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "tests.support.seams")
    tests = [f"tests/server/{name}" for name in LOOKED_AT]
    _run((sys.executable, "-m", "pytest", *told, *tests), ROOT, **around)


@pytest.mark.slow
def test_an_installation_for_editing_is_compiled_in_place(tmp_path: Path) -> None:
    tree, python = tmp_path / "tree", _fresh(tmp_path / "venv")
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "*.so", "__pycache__"))
    project = tree / "pyproject.toml"
    text = project.read_text("utf-8").replace("diagnosis/*.py", "diagnosis/station.py")
    for room in ROOMS[1:]:
        text = text.replace(f'  "server/warmstation_server/{room}/*.py",\n', "")
    project.write_text(text, "utf-8")
    pip = (python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", ".")
    _run(pip, tree, **{ASKED: "1"})
    said = "import warmstation_server.machine_code as m; print(m.is_compiled(), m.__file__)"
    here = _run((python, "-c", said), tmp_path).split()
    assert here == ["True", str(tree / "server/warmstation_server/machine_code.py")]


@pytest.mark.slow
def test_a_compiled_wheel_passes_what_plain_python_passes(tmp_path: Path) -> None:
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    _run(build, ROOT, **{ASKED: "1"})
    (wheel,) = tmp_path.glob("*.whl")
    platform = sysconfig.get_platform().replace("-", "_")
    assert wheel.stem.endswith(f"-cp{sys.version_info[0]}{sys.version_info[1]}-{platform}")
    python = _fresh(tmp_path / "venv")
    _run((python, "-m", "pip", "install", "-q", "--no-deps", str(wheel)), tmp_path)
    said = _winters(python, "--learn", "4")
    usual = winters(["electric", "heatpump", "radiator"], 60.0, 4.0)
    assert said["compiled"] is True
    assert said["findings"] == usual["findings"] != 0
    assert said["digest"] == usual["digest"]
    rooms = [f"tests/server/{room}" for room in ROOMS]
    _run((python, "-m", "pytest", "-q", "-m", "not slow", *rooms), ROOT)


def _winters(python: str, *told: str, **environment: str) -> dict[str, Any]:
    said = _run((python, "-m", "tests.support.winters", *told), ROOT, **environment)
    found: dict[str, Any] = json.loads(said)
    return found


def _fresh(folder: Path) -> str:
    """A virtual environment that sees what we depend on, but not our sources."""
    _run((sys.executable, "-m", "venv", str(folder)), folder.parent)
    python = str(folder / "bin/python")
    (at,) = folder.glob("lib/*/site-packages")
    (at / "those-of-the-tests.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return python


def _run(command: Sequence[str], folder: Path, **environment: str) -> str:
    around = {**os.environ, **environment}
    done = subprocess.run(
        command, cwd=folder, env=around, capture_output=True, check=False, text=True
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout
