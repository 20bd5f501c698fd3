"""`warmstation dead-letters`: what was refused, and why."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import check
from warmstation_server.dead_letters import DeadLetter, DeadLetters
from warmstation_wire.parts import rfc3339

_SHOWN = 60
"""Characters of a payload in the table."""


def dead_letters(
    config: ConfigPath = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest refused messages, and how many were refused for which reason."""
    with one_sentence():
        path = check(config).dead_letters_path
        letters: list[DeadLetter] = []
        counts: dict[str, int] = {}
        if path.exists():  # opening would make the file, with this user as its owner
            with closing(DeadLetters.open(path)) as kept:
                letters, counts = list(kept.newest(limit)), kept.counts()
    if as_json:
        print_json({"counts": counts, "letters": [_to_dict(letter) for letter in letters]})
    else:
        _print(letters, counts)


def _print(letters: list[DeadLetter], counts: dict[str, int]) -> None:
    table = Table("at", "topic", "reason", "detail", "payload")
    for letter in letters:
        shown = letter.payload.decode("utf-8", "replace")
        cells = (rfc3339(letter.at), letter.topic, letter.reason, letter.detail, shown[:_SHOWN])
        table.add_row(*(Text(_visible(cell)) for cell in cells))
    if letters:
        console().print(table)
    said = ", ".join(f"{reason} {count}" for reason, count in counts.items())
    typer.echo(f"refused so far: {said}" if said else "nothing was refused")


def _visible(text: str) -> str:
    """A message comes from anyone: no control character may reach the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _to_dict(letter: DeadLetter) -> dict[str, Any]:
    return {
        "at": rfc3339(letter.at),
        "topic": letter.topic,
        "reason": letter.reason,
        "detail": letter.detail,
        "size": letter.size,
        "payload": letter.payload.decode("utf-8", "replace"),
    }
