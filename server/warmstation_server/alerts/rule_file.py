"""Reads a rule file. Every mistake is one sentence with file, line and key. For `rules` alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warmstation_server.alerts.errors import BadRules
from warmstation_server.alerts.rule_row import RuleRow, faults

_HEADER = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_KEY = re.compile(r"\s*\"?([A-Za-z_][A-Za-z0-9_-]*)\"?\s*=")
_LINE = re.compile(r":(\d+): ")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Written:
    """One table of a file, and where it stands."""

    row: RuleRow
    file: str
    lines: dict[str, int]
    """Line of each key; the table's own under ""."""

    @property
    def keys(self) -> frozenset[str]:
        """What it says something of, as it is written."""
        fields = RuleRow.model_fields
        return frozenset(fields[name].alias or name for name in self.row.model_fields_set)

    def at(self, key: str = "") -> str:
        """`rules.toml:12` for this key, or for the table where the key is not in it."""
        return f"{self.file}:{self.lines.get(key, self.lines[''])}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says as far as it can be read, and what is wrong with the rest."""

    written: tuple[Written, ...] = ()
    mistakes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    """Keys that some table has in a form that says nothing: what they mean is not known."""


def read(path: Path, regions: Collection[str] | None = None) -> Reading:
    """All rules of a file; BadRules where it is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark in front
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadRules(f"{path}: cannot be read: {why}") from None
    return parse(text, str(path), regions)


def parse(text: str, file: str, regions: Collection[str] | None = None) -> Reading:
    """The rules of a text; regions they name must be among `regions` where those are known."""
    tables, mistakes = _tables(text, file)
    lines = list(_lines(text))
    found: list[Written] = []
    unread: set[str] = set()
    for number, table in enumerate(tables):
        place = lines[number] if number < len(lines) else {"": 1}
        row, wrong = _row(table)
        mistakes += [
            f"{file}:{place.get(key, place[''])}: {_named(table)}{key} {said}"
            for key, said in wrong
        ]
        if row is None:
            unread |= table.keys()  # of whom it speaks is not known
        else:
            unread |= {key for key, _ in wrong}
            found.append(Written(row, file, place))
    mistakes += _double(found) + _unknown_regions(found, regions)
    return Reading(tuple(found), tuple(mistakes), frozenset(unread))


def in_order(mistakes: Iterable[str]) -> str:
    """A line each, as they stand in the file."""
    return "\n".join(sorted(mistakes, key=_by_line))


def _row(table: dict[str, Any]) -> tuple[RuleRow | None, list[tuple[str, str]]]:
    """A table without the keys that are wrong, None where its name is; and key by key, why."""
    wrong: list[tuple[str, str]] = []
    while True:
        try:
            return RuleRow.model_validate(table), wrong
        except ValidationError as error:
            found = faults(error)
        wrong += found
        gone = {key for key, _ in found}
        if gone & {"name", "region"}:
            return None, wrong
        table = {key: value for key, value in table.items() if key not in gone}


def _by_line(mistake: str) -> int:
    found = _LINE.search(mistake)
    return int(found[1]) if found else 0


def _tables(text: str, file: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The tables, and what else is there that should not be."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        number = line[1] if line else len(text.splitlines())  # else it breaks off
        said = _AT_LINE.sub("", str(error)).strip()
        raise BadRules(f"{file}:{number}: is not TOML: {said}") from None
    strange = [
        f"{file}:{_line_of(text, key)}: {key} is not known here; a file has [[rule]] tables"
        for key in document
        if key != "rule"
    ]
    tables = document.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise BadRules(f"{file}:{_line_of(text, 'rule')}: rule must be written as [[rule]] tables")
    return tables, strange


def _lines(text: str) -> Iterator[dict[str, int]]:
    """The lines of the keys of each [[rule]] table: `tomllib` does not tell them."""
    table: dict[str, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if _HEADER.match(line):
            if table is not None:
                yield table
            table = {"": number}
        elif table is not None and (key := _KEY.match(line)):
            table.setdefault(key[1], number)
    if table is not None:
        yield table


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[*\s*\"?{re.escape(key)}\b", line):
            return number
    return 1


def _named(table: dict[str, Any]) -> str:
    return f"rule {table['name']}: " if isinstance(table.get("name"), str) else "rule: "


def _double(found: list[Written]) -> list[str]:
    seen: dict[tuple[str, str | None], Written] = {}
    mistakes = []
    for one in found:
        key = (one.row.name, one.row.region)
        if key in seen:
            mistakes.append(
                f"{one.at('name')}: rule {one.row.name}: name stands at {seen[key].at('name')} "
                "already; put both into one table"
            )
        seen.setdefault(key, one)
    return mistakes


def _unknown_regions(found: list[Written], regions: Collection[str] | None) -> list[str]:
    if regions is None:
        return []
    return [
        f"{one.at('region')}: rule {one.row.name}: region {one.row.region!r} is not registered"
        for one in found
        if one.row.region is not None and one.row.region not in regions
    ]
