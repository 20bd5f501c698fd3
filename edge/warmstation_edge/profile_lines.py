"""On which line of a profile something stands, for whoever has to mend it there. Pure.

`profile` asks, and only where a profile is refused; a key that is written in a way of its own (in
an inline table, say) has no line then, which costs a number in a sentence and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
_UNKNOWN = re.compile(r"unknown key '(.*?)';")
Place = Sequence[str | int]


def line_of(text: str, place: Place, said: str) -> int | None:
    """The line of what is refused: of the key, else of its table; None where neither is found.

    `place` is pydantic's: tables, numbers of tables, the kind of a charger, and perhaps the key.
    """
    unknown = _UNKNOWN.search(said)
    wanted = [*place, *([unknown[1]] if unknown else [])]
    found, best = None, 0
    table: list[str | int] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        key = None if header else line.partition("=")[0].strip().strip("\"'")
        if header:
            table = _table(header[1] == "[[", header[2], counts)
        if not header and "=" not in line:
            continue
        length = _common([*table, *([key] if key else [])], wanted)
        if length > best and (length == len(wanted) or header):
            found, best = number, length
    return found


def _table(is_one_of_many: bool, name: str, counts: dict[str, int]) -> list[str | int]:
    parts: list[str | int] = [part.strip(" \"'") for part in re.split(r"\.(?![^\"']*[\"']$)", name)]
    if not is_one_of_many:
        return parts
    counts[name] = counts.get(name, -1) + 1
    return [*parts, counts[name]]


def _common(written: Place, wanted: Place) -> int:
    """How much of `wanted` this is, from its beginning; 0 where it is something else."""
    rest = list(wanted)
    taken = 0
    for one in written:
        if rest[:1] != [one] and taken and isinstance(wanted[taken - 1], int):
            rest, taken = rest[1:], taken + 1  # the kind of a charger is no table
        if rest[:1] != [one]:
            return 0
        rest, taken = rest[1:], taken + 1
    return taken
