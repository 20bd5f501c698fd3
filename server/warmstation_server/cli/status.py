"""`warmstation status`: one look at a server. Exit code 1 where anything is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from warmstation_server.standing.sights import Sight

_WORDS = {True: ("ok", "green"), False: ("wrong", "bold red"), None: ("", "")}


def status(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """How this server stands: broker, storage, queue, stations, alerts, disk; 1 where not well."""
    from warmstation_server.standing.answer import asked
    from warmstation_server.standing.sights import seen

    with one_sentence():
        found = check(config)
        sights = seen(found, asked(found.http), datetime.now(UTC))
    if as_json:
        print_json([{"part": s.name, "said": s.said, "is_good": s.is_good} for s in sights])
    else:
        console().print(_table(sights))
    if any(sight.is_good is False for sight in sights):
        raise typer.Exit(1)


def _table(sights: list[Sight]) -> Table:
    table = Table.grid(padding=(0, 2))
    for sight in sights:
        word, style = _WORDS[sight.is_good]
        table.add_row(Text(word, style), sight.name, Text(sight.said))
    return table
