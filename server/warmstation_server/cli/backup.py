"""`warmstation backup` and `warmstation restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    one_sentence,
    print_json,
)
from warmstation_server.config import Config, check


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not be there yet.")],
    config: ConfigPath = DEFAULT_CONFIG,
    only_check: Annotated[
        bool, typer.Option("--check", help="Compare a backup that is there with its checksums.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write all that this server must not lose into one file, while it works."""
    from warmstation_server.backup import archive
    from warmstation_server.backup.save import save

    with one_sentence():
        if only_check:
            manifest = archive.check(file)
        else:
            settings = check(config)
            manifest = save(settings, config, file, datetime.now(UTC))
            _say_what_is_left_out(settings)
    _tell(file, manifest.text(), len(manifest.entries), as_json=as_json)


def _say_what_is_left_out(config: Config) -> None:
    told = config.history
    if told.storage == "influx":
        typer.echo(
            f"what was measured is not in it: it is in InfluxDB at {told.url}, buckets"
            f" {told.bucket} and {told.kept_bucket}; back these up with `influx backup`",
            err=True,
        )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `warmstation backup` wrote.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty data directory and registry; the server must be off."""
    from warmstation_server.backup import archive
    from warmstation_server.backup.restore import restore as bring_back

    with one_sentence():
        archive.glance(file)  # a name that was mistyped is said before a configuration that lacks
        manifest = bring_back(check(config), file)
    _tell(file, manifest.text(), len(manifest.entries), as_json=as_json)


def _tell(file: Path, manifest: str, files: int, *, as_json: bool) -> None:
    if as_json:
        import json

        print_json(json.loads(manifest))
    else:
        typer.echo(f"{file}: {files} files, each with its checksum")
