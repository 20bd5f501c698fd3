"""Where firmware-config lies, and the programs of Debian that judge what is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
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
    r"int|int:-?\d+--?\d+|string|string-or-empty|bool|size|dir|regex:.+|[a-z0-9_]+(?:,[a-z0-9_]+)+"
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

    Unsupported fields; no name or version; a version that is not major.minor.patch; variables
    without a prefix, a prefix without a layer; attributes of a variable that is not there; rules
    that cannot be read.
    """
    fields = layer_header(text)
    variables = {name.split("-")[3] for name in fields if name.count("-") == 3 and "-Var-" in name}
    said = [f"{name} is not supported" for name in fields if not _FIELDS.fullmatch(name)]
    said += [
        f"{name} is missing"
        for name in ("X-Env-Layer-Name", "X-Env-Layer-Version")
        if not fields.get(name)
    ]
    version = fields.get("X-Env-Layer-Version", "0.0.0")
    if not re.fullmatch(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}", version):
        said.append(f"version {version} is not major.minor.patch")
    if variables and not fields.get("X-Env-VarPrefix"):
        said.append("variables need a X-Env-VarPrefix")
    for name, value in fields.items():
        parts = name.split("-")
        if name.startswith("X-Env-Var-") and len(parts) == 5 and parts[3] not in variables:
            said.append(f"{name} is of no variable")
        if name.endswith("-Valid") and not _RULES.fullmatch(value):
            said.append(f"{name}: {value!r} is no rule")
    return said
