"""`warmstation install HOST`: this Debian 12 becomes a server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from warmstation_server.cli.terminal import one_sentence


def install(
    host: Annotated[str, typer.Argument(help="The name that stations and people reach it by.")],
    root: Annotated[
        Path, typer.Option(help="Make only the files, below this directory.", file_okay=False)
    ] = Path("/"),
    program: Annotated[
        Path | None, typer.Option(help="The warmstation command that the service runs.")
    ] = None,
) -> None:
    """Make user, directories, server.toml, broker, units and web server; twice changes nothing."""
    from warmstation_server.operations.install import SAMPLE_PROGRAM, Installation

    here = Path(sys.executable).with_name("warmstation")
    found = program or (here if root == Path("/") else SAMPLE_PROGRAM)
    with one_sentence():
        said = Installation(host, root, found).make(datetime.now(UTC))
    typer.echo("\n".join(said or ["nothing to do"]))
    if said:
        typer.echo(
            "next: a certificate for people (certbot --nginx), stations (warmstation station"
        )
        typer.echo("import), staff (warmstation user add); run them as the user warmstation:")
        typer.echo(
            "  runuser -u warmstation -- env WARMSTATION_CONFIG=/etc/warmstation/server.toml \\"
        )
        typer.echo(f"    {found} station list")
