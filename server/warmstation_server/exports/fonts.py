"""Finds a Chinese font: the one that came with the package, else one of the system."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from warmstation_dashboards.resources import FONTS
from warmstation_server.exports.errors import NoFont

FAMILIES = (
    "Noto Sans S Chinese",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
)
"""In order of preference; each can show all that is in a report."""
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
_FILES = ("NotoSansCJK", "SourceHanSans", "NotoSansSC", "wqy-", "PingFang", "msyh")


def chinese_fonts(own: Path = FONTS, folders: tuple[Path, ...] | None = None) -> tuple[Path, ...]:
    """The folders that have one, as few as possible; NoFont says what to install.

    Where ours is there it is alone, so that every machine writes the same bytes.
    """
    if any(own.glob("*.otf")):
        return (own,)
    found = _known_to_fontconfig() if folders is None else set()
    for folder in FOLDERS if folders is None else folders:
        if not found and folder.is_dir():
            found = {path.parent for path in folder.rglob("*") if path.name.startswith(_FILES)}
    if not found:
        raise NoFont(
            "no Chinese font is installed, so no PDF can be written: "
            "install one, on Debian with apt-get install fonts-noto-cjk"
        )
    return tuple(sorted(found))


def _known_to_fontconfig() -> set[Path]:
    command = shutil.which("fc-list")
    if command is None:
        return set()
    try:
        said = subprocess.run(  # noqa: S603 - a fixed command without input
            [command, ":lang=zh-cn", "file", "family"],
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    lines = (line.partition(":") for line in said.stdout.splitlines())
    return {Path(path).parent for path, _, names in lines if any(f in names for f in FAMILIES)}
