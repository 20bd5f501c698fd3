"""All commands, assembled. Each imports its heavy parts when it is called, so help is quick."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from warmstation.demo.command import HELP_NAMES, demo
from warmstation.replay.command import replay
from warmstation_server import cli
from warmstation_server.cli import history
from warmstation_server.cli.charging_log import charging_log
from warmstation_server.cli.diagnose import diagnose
from warmstation_server.cli.terminal import DEFAULT_CONFIG, ConfigPath

app = typer.Typer(
    name="warmstation",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP_NAMES,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"warmstation {version('warmstation')}")
        raise typer.Exit


@app.callback()
def warmstation(
    tells_version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Proves that the rest stations of riders are open, warm and stocked."""


@app.command()
def serve(
    config: ConfigPath = DEFAULT_CONFIG,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make and check what the history needs, and end.")
    ] = False,
) -> None:
    """Take in reports, store them, publish what the stations are like."""
    from warmstation import serving

    if prepare:
        history.prepare(config)
    else:
        serving.serve(config)


cli.add_to(app)
app.command("demo")(demo)
app.command("replay")(replay)
app.command("diagnose")(diagnose)
app.command("charging-log")(charging_log)
