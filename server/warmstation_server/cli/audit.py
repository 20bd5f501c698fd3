"""`warmstation audit check`: whether anybody altered the audit log behind the server's back."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    one_sentence,
    print_json,
)
from warmstation_server.config import check as checked

if TYPE_CHECKING:
    from warmstation_server.registry.seals import Checked, Seal

app = typer.Typer(no_args_is_help=True, help="The audit log: who wrote what, sealed line by line.")


@app.callback()
def audit() -> None:
    """Keep `check` a command of its own, though it is the only one."""


@app.command("check")
def check(
    config: ConfigPath = DEFAULT_CONFIG,
    noted: Annotated[
        str,
        typer.Option("--noted", help="A line and its seal as somebody wrote them down: N:SEAL."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """See that no line was altered, removed or put in; exit code 1 where one was."""
    from warmstation_server.registry import Registry

    seal = _noted(noted)
    with one_sentence(), closing(Registry.open(checked(config).registry_url)) as registry:
        found = registry.audit.check(seal)
    if as_json:
        newest = found.newest and {"number": found.newest.number, "seal": found.newest.seal}
        print_json({"lines": found.lines, "newest": newest, "fault": found.fault})
    else:
        typer.echo(_said(found), err=found.fault is not None)
    if found.fault is not None:
        raise typer.Exit(1)


def _noted(text: str) -> Seal | None:
    if not text:
        return None
    number, _, seal = text.partition(":")
    if not number.isdecimal() or len(seal) != 64:
        raise typer.BadParameter("must be a line's number and its seal, like 1203:3f5a...")
    from warmstation_server.registry.seals import Seal

    return Seal(int(number), seal.lower())


def _said(found: Checked) -> str:
    if found.fault is not None:
        return f"the audit log is not what was written: {found.fault}"
    if found.newest is None:
        return "the audit log is empty"
    return (
        f"{found.lines} lines, all as they were written; the newest is\n"
        f"{found.newest.number}:{found.newest.seal}\n"
        "note it: with --noted, nothing up to it can change unseen"
    )
