"""`warmstation check-config`: is this server.toml good, and all that it names?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    one_sentence,
    print_json,
)
from warmstation_server.config import Config, check


def check_config(
    config: ConfigPath = DEFAULT_CONFIG,
    connect: Annotated[
        bool, typer.Option("--connect", help="Also try broker, registry and history.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a configuration file and all that it names; --json also prints it, without secrets."""
    from warmstation_server import precheck

    with one_sentence():
        found = check(config)
        wrong = precheck.faults(found) or (precheck.away(found) if connect else [])
        for sentence in wrong:
            typer.echo(f"{config}: {sentence}", err=True)
        if wrong:
            raise typer.Exit(1)
        if as_json:
            print_json(_shown(found))
        else:
            typer.echo(f"{config} is good")


def _shown(config: Config) -> dict[str, Any]:
    from warmstation_server.registry import without_password

    table = config.model_dump(mode="json")
    if config.registry.url is not None:
        table["registry"]["url"] = without_password(config.registry.url)
    return table
