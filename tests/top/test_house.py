"""The house: what is at the top, what each installation brings, that nothing is unbounded."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {"pyproject.toml", "edge", "server", "firmware-config", "dashboards", "tests", "README.md"}
META = {"Makefile", "LICENSE", "CHANGELOG.md", "requirements.lock"}
ON_A_PI = {"pydantic", "paho-mqtt", "gpiozero"}
THEIR_OWN = {
    "annotated-types",
    "colorzero",
    "pydantic_core",
    "setuptools",  # colorzero imports pkg_resources where it finds it
    "typing-inspection",
    "typing_extensions",
}
_SHOW_IMPORTS = """
import sys
before = set(sys.modules)
import warmstation_edge.__main__, warmstation_edge.run, warmstation_edge.simulator.command
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return table


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0]


def test_the_top_level_is_the_users_and_nothing_else() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    top = {path.partition("/")[0] for path in tracked.split("\0") if path}
    assert {name for name in top if not name.startswith(".")} == ROOMS | META


def test_every_room_says_what_it_is() -> None:
    for room in ("edge", "server", "firmware-config", "dashboards", "tests"):
        assert len((ROOT / room / "README.md").read_text("utf-8")) > 500, room


def test_every_dependency_is_bounded(project: dict[str, Any]) -> None:
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for requirement in (text for one in lists for text in one):
        assert "<" in requirement, requirement
        assert ">=" in requirement, requirement


def test_a_pi_is_asked_for_three_libraries(project: dict[str, Any]) -> None:
    asked = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["edge"]
    assert {_name(text) for text in asked} == ON_A_PI


def test_the_agent_imports_nothing_that_a_pi_does_not_have() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW_IMPORTS], capture_output=True, check=True, text=True
    ).stdout.split()
    providers = packages_distributions()
    used = {dist for name in shown for dist in providers.get(name, ())}
    assert used - {"warmstation"} <= ON_A_PI | THEIR_OWN
    assert used >= ON_A_PI


def test_the_lock_file_pins_every_dependency_with_its_hashes(project: dict[str, Any]) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = {match[1] for match in re.finditer(r"^([a-z0-9-]+)==\S+", lock, re.MULTILINE)}
    extras = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *(text for one in extras for text in one)]
    wanted += project["dependency-groups"]["dev"]
    assert {_name(text).lower() for text in wanted} <= pinned
    assert lock.count("--hash=sha256:") > len(pinned)


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("warmstation.commands", {"sqlalchemy", "fastapi", "cryptography", "xlsxwriter", "typst"}),
        ("warmstation.demo.stage", {"sqlalchemy", "fastapi", "typer", "jinja2"}),
        ("warmstation_server.serve", {"fastapi", "cryptography", "xlsxwriter", "typst", "segno"}),
    ],
)
def test_what_should_start_at_once_leaves_what_is_slow_to_load_for_later(
    module: str, heavy: set[str]
) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout
    assert heavy & set(shown.split()) == set()
