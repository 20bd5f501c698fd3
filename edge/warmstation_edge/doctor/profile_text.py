"""Writes a value into a profile's text without touching the rest: comments stay. Pure.

`calibration.p1` is a table that is added where it is missing; `supplies:water` is the one of the
tables `[[supplies]]` whose item is water.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from warmstation_edge.doctor.errors import DoctorFailed
from warmstation_edge.doctor.step import Change

_HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(#.*)?$")


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text with these values; DoctorFailed where it would no longer be the same TOML."""
    wanted = tuple(changes)
    lines = text.splitlines()
    for change in wanted:
        lines = _changed(lines, change)
    written = "\n".join(lines) + "\n"
    try:
        tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise DoctorFailed(f"the profile was not written: it would not be TOML ({error})") from None
    return written


def _changed(lines: list[str], change: Change) -> list[str]:
    span = _table(lines, change.table)
    setting = f"{change.key} = {change.value}"
    if span is None:
        if not change.table.startswith("calibration."):
            raise DoctorFailed(f"the profile has no table {change.table} to write {change.key} to")
        return [*lines, "", f"[{change.table}]", setting]
    first, last = span
    for number in range(first + 1, last):
        found = re.match(rf"(\s*){re.escape(change.key)}\s*=[^#]*(#.*)?$", lines[number])
        if found:
            comment = f"  {found[2]}" if found[2] else ""
            return [*lines[:number], f"{found[1]}{setting}{comment}", *lines[number + 1 :]]
    return [*lines[: first + 1], setting, *lines[first + 1 :]]


def _table(lines: list[str], name: str) -> tuple[int, int] | None:
    """Where a table begins and ends; by its item for one of several."""
    name, _, item = name.partition(":")
    starts = [number for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    for first, last in zip(starts, [*starts[1:], len(lines)], strict=True):
        header = _HEADER.fullmatch(lines[first])
        if header is None or header[1] != name:
            continue
        own = re.compile(rf"\s*item\s*=\s*[\"']{re.escape(item)}[\"']")
        if not item or any(own.match(line) for line in lines[first:last]):
            return first, last
    return None
