"""What all commands share: their options, JSON, and errors as one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from warmstation_wire import WarmstationError

ConfigPath = Annotated[
    Path,
    typer.Option("--config", envvar="WARMSTATION_CONFIG", help="server.toml of this server."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DEFAULT_CONFIG = Path("server.toml")


@contextmanager
def one_sentence() -> Iterator[None]:
    """Ends the command with exit code 1 and the error's sentence on stderr."""
    try:
        yield
    except WarmstationError as error:
        typer.echo(" ".join(str(error).split()), err=True)
        raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    """JSON on stdout, readable by people too."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def console() -> Console:
    """Where tables go: as wide as the terminal, and wide enough where there is none."""
    is_terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if is_terminal else 160, highlight=False)
