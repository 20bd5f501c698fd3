"""`warmstation check-config`: is this server.toml good?"""

from __future__ import annotations

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    one_sentence,
    print_json,
)
from warmstation_server.config import check


def check_config(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check a configuration file; with --json also print all of it, defaults included."""
    with one_sentence():
        found = check(config)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(f"{config} is good")
