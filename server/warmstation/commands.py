"""All commands, assembled. Each imports its heavy parts when it is called, so help is quick."""

from __future__ import annotations

import typer

from warmstation.demo.command import demo
from warmstation.replay.command import replay
from warmstation.serving import serve
from warmstation_server import cli
from warmstation_server.cli.diagnose import diagnose

app = typer.Typer(
    name="warmstation",
    help="Proves that the rest stations of riders are open, warm and stocked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_to(app)
app.command("serve")(serve)
app.command("demo")(demo)
app.command("replay")(replay)
app.command("diagnose")(diagnose)
