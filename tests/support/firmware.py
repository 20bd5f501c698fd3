"""Where firmware-config lies, and the programs of Debian that judge what is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FIRMWARE = Path(__file__).parents[2] / "firmware-config"
SYSTEM = FIRMWARE / "system"
UNITS = SYSTEM / "etc/systemd/system"

_FIELDS = re.compile(
    r"X-Env-(?:VarPrefix|VarRequires(?:-Valid)?|VarOptional(?:-Valid)?"
    r"|Layer-(?:Name|Desc|Version|Requires|Conflicts|Category|Type|Generator|Provides"
    r"|RequiresProvider|AfterProvider|Sets)"
    r"|Var-[A-Za-z0-9_]+(?:-(?:Desc|Required|Valid|Set|Anchor|Conflicts|Triggers))?)"
)
_RULES = re.compile(
    r"string(?:-or-empty|-or-unset)?|bool|size|capacity|dir|file(?:-nzero)?"
    r"|int(?::\+*\d+-\+*\d+)?|regex:.*|(?:keywords|list):.*|.*,.*"
)

_NAMING = tuple(
    f"X-Env-Layer-{name}"
    for name in ("Requires", "Conflicts", "Provides", "RequiresProvider", "AfterProvider")
)


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of Debian's; RuntimeError where it is not installed."""
    program = shutil.which(str(words[0]), path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        raise RuntimeError(f"{words[0]} is not installed: make packages")
    return subprocess.run(
        [program, *map(str, words[1:])], capture_output=True, text=True, cwd=cwd, check=False
    )


def layer_header(text: str) -> dict[str, str]:
    """The fields between METABEGIN and METAEND, continued lines joined (deb822 in a comment)."""
    inside = text.partition("# METABEGIN\n")[2].partition("# METAEND\n")[0]
    fields: dict[str, str] = {}
    last = ""
    for line in (line.removeprefix("#").removeprefix(" ") for line in inside.splitlines()):
        if line.startswith(" ") and last:
            fields[last] += "\n" + line.strip()
        elif ":" in line:
            last, _, value = line.partition(":")
            fields[last] = value.strip()
    return fields


def lint(text: str) -> list[str]:
    """What `rpi-image-gen metadata --lint` objects to, by its rules (site/metadata_parser.py).

    No field at all; unsupported ones; a layer without name or version; a version that is not
    major.minor.patch; variables without a prefix, a prefix without a layer; attributes of a
    variable that is not there; rules and names of other layers that cannot be read.
    """
    fields = layer_header(text)
    if not fields:
        return ["there is no field"]
    said = [f"{name} is not supported" for name in fields if not _FIELDS.fullmatch(name)]
    said += _of_the_layer(fields)
    variables = {name.split("-")[3] for name in fields if name.count("-") == 3 and "-Var-" in name}
    for name, value in fields.items():
        parts = name.split("-")
        if name.startswith("X-Env-Var-") and len(parts) == 5 and parts[3] not in variables:
            said.append(f"{name} is of no variable")
        if name.endswith("-Valid") and value and not _is_rule(value):
            said.append(f"{name}: {value!r} is no rule")
    return said


def _of_the_layer(fields: dict[str, str]) -> Iterator[str]:
    is_layer = any(name.startswith("X-Env-Layer-") for name in fields)
    for name in ("X-Env-Layer-Name", "X-Env-Layer-Version"):
        if is_layer and not fields.get(name):
            yield f"{name} is missing"
    version = fields.get("X-Env-Layer-Version", "0.0.0")
    if not re.fullmatch(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}", version):
        yield f"version {version} is not major.minor.patch"
    for name in _NAMING:
        for one in filter(None, fields.get(name, "").replace("\n", " ").split(",")):
            if not re.fullmatch(r"[A-Za-z0-9_:-]+", one.strip()):
                yield f"{name}: {one.strip()!r} is no name"
    has_variables = any(name.startswith("X-Env-Var-") for name in fields)
    if has_variables and is_layer and not fields.get("X-Env-VarPrefix"):
        yield "variables need a X-Env-VarPrefix"
    if "X-Env-VarPrefix" in fields and not is_layer:
        yield "a X-Env-VarPrefix needs a layer"


def _is_rule(value: str) -> bool:
    if value.startswith("regex:"):
        try:
            re.compile(value.removeprefix("regex:"))
        except re.error:
            return False
    return _RULES.fullmatch(value) is not None
