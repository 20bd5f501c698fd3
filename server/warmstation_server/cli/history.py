"""`warmstation serve --prepare`: what the history needs of its storage."""

from __future__ import annotations

from pathlib import Path

import typer

from warmstation_server.cli.terminal import one_sentence
from warmstation_server.config import check


def prepare(config: Path) -> None:
    """Make and check buckets, retention, the hourly task and a token; say what was found."""
    from warmstation_server.history import assembly

    with one_sentence():
        for sentence in assembly.prepared(check(config)):
            typer.echo(sentence)
