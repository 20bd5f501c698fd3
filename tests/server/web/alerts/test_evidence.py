"""What the diagnosis measured is said in words: by a list of every name that our code gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

import warmstation_server
from warmstation_dashboards.resources import LANGUAGES, catalogue
from warmstation_server.alerts.state import AlertState
from warmstation_server.web.alerts.evidence import evidence
from warmstation_server.web.words import Words

ROOMS = ("conditions", "diagnosis", "supplies", "notify")
NAMED = frozenset({"evidence", "numbers", "figures"})
"""What a mapping of evidence is called where it is made."""
ELSEWHERE = frozenset({"diagnosis/single.py"})
"""Speaks of one sensor on the command line only."""


def emitted() -> set[str]:
    """Every name under which a measurement goes into an alert."""
    server = Path(warmstation_server.__file__).parent
    found: set[str] = set()
    for path in chain.from_iterable((server / room).glob("*.py") for room in ROOMS):
        if path.relative_to(server).as_posix() not in ELSEWHERE:
            found |= set(_names(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _names(tree: ast.Module) -> Iterator[str]:
    named = NAMED | {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
        and node.arg == "evidence"
        and isinstance(node.value, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="evidence", value=value):
                yield from _keys(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in named:
                yield from _keys(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
                name in named
            ):
                yield from _keys(value)
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Name(id="evidence"), slice=ast.Constant(value=key))
                ]
            ):
                yield str(key)
            case ast.FunctionDef(name="_evidence" | "_numbers"):
                yield from _keys(node)
            case ast.Call(func=ast.Name(id="_told"), args=[*_, last]):
                yield from _keys(last)


def _keys(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measurement_has_a_word(language: str) -> None:
    names, words = emitted(), catalogue(language)
    assert {
        "room_c",
        "link",
        "nats",
        "sensor",
        "level",
        "silent_min",
        "replaces",
        "last_day",
    } <= names
    assert sorted(name for name in names if f"evidence_of.{name}" not in words) == []


def test_no_word_is_left_of_a_measurement_that_is_gone() -> None:
    known = {key.partition(".")[2] for key in catalogue("en") if key.startswith("evidence_of.")}
    assert sorted(known - emitted()) == []


def test_a_measurement_is_said_with_its_unit() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    told: dict[str, float | str] = {
        "severity": "urgent",
        "link": "outlet",
        "room_c": 12.34,
        "level": 0.05,
        "silent_min": 61.0,
        "pace": "not learned yet",
        "replaces": "weak_heat",
        "version": "1.2.3",
        "unheard_of": 2.0,
    }
    state = AlertState(
        *("ks-a", "heating.no_heat", "", "a" * 20, "firing", at),
        *("urgent", "station", at, at, at),
        evidence=told,
    )
    assert evidence(state, Words("en")) == [
        ("Broken link", "Outlet"),
        ("Room", "12.3 °C"),
        ("Level", "5%"),
        ("Silent for", "61 min"),
        ("Pace", "Not learned yet"),
        ("Told before as", "Weak heat"),
        ("Software version", "1.2.3"),
        ("unheard of", "2"),
    ]
