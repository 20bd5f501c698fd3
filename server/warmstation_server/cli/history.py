"""`warmstation history copy`, and `warmstation serve --prepare`: the history and its storage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    one_sentence,
    print_json,
)
from warmstation_server.config import check

if TYPE_CHECKING:
    from warmstation_server.history.moving import Moved

_TELL_S = 10.0
app = typer.Typer(help="The storage of what was measured.", no_args_is_help=True)


@app.callback()
def history() -> None:
    """Keep `copy` a command of its own, though it is the only one."""


@app.command("copy")
def copy(
    source: Annotated[str, typer.Option("--from", help="sqlite or influx.")],
    target: Annotated[str, typer.Option("--to", help="influx or sqlite.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Bring all that is stored into another storage, and compare what both then answer.

    It goes on where an earlier one was broken off. A server may go on writing to the source: stop
    it, copy once more, and start it with the other storage.
    """
    from warmstation_server.history import assembly
    from warmstation_server.history.errors import HistoryBroken
    from warmstation_server.history.moving import copy as bring_over
    from warmstation_server.history.moving import differing

    with one_sentence():
        if {source, target} != {"sqlite", "influx"}:
            raise typer.BadParameter("give --from sqlite --to influx, or the other way round")
        found, hooks = check(config), assembly.UNASKED
        with (
            assembly.to_copy(found, source, hooks) as here,
            closing(assembly.to_fill(found, target, hooks)) as there,
        ):
            moved = list(_told(bring_over(here, there)))
        with closing(assembly.to_fill(found, target, hooks)) as again:
            wrong = [one.station for one, _ in differing(moved, again)]
        if wrong:
            raise HistoryBroken(f"{len(wrong)} stations are not the same, the first: {wrong[0]}")
    said = {
        "stations": len(moved),
        "copied": sum(not one.is_same for one in moved),
        "reports": sum(one.digest.reports for one in moved),
    }
    if as_json:
        print_json(said | {"checksums": {one.station: one.digest.checksum for one in moved}})
    else:
        typer.echo(
            f"{said['reports']} reports of {said['stations']} stations are the same in {target};"
            f" {said['copied']} stations were copied now"
        )


def _told(moved: Iterator[Moved]) -> Iterator[Moved]:
    """The same; now and then, how far it has come."""
    reports, due_s = 0, time.monotonic() + _TELL_S
    for number, one in enumerate(moved, 1):
        reports += one.digest.reports
        if time.monotonic() >= due_s:
            due_s += _TELL_S
            typer.echo(f"{number} stations, {reports} reports so far", err=True)
        yield one
    if reports:
        typer.echo("all are there; what both storages answer is compared", err=True)


def prepare(config: Path) -> None:
    """Make and check buckets, retention, the hourly task and a token; say what was found."""
    from warmstation_server.history import assembly

    with one_sentence():
        for sentence in assembly.prepared(check(config)):
            typer.echo(sentence)
