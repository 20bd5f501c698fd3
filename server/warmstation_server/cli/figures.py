"""`warmstation export`, `usage` and `import-counts`: figures without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import check

First = Annotated[str, typer.Option("--from", help="First day, like 2026-11-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day; both are included.")]
Span = Annotated[
    str, typer.Option("--period", help="7d, 30d, month, last_month, 12m, or like 2026-10.")
]
InRegion = Annotated[str, typer.Option("--region", help="Only stations in this region.")]
OfHost = Annotated[str, typer.Option("--host", help="Only stations of this host type.")]
Language = Annotated[str, typer.Option("--language", help="zh-CN or en.")]


def export(
    form: Annotated[str, typer.Argument(help="xlsx, pdf, csv, or hours: every hour behind them.")],
    config: ConfigPath = DEFAULT_CONFIG,
    first: First = "",
    last: Last = "",
    period: Span = "last_month",
    region: InRegion = "",
    host: OfHost = "",
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    language: Language = "zh-CN",
) -> None:
    """Write figures of a period to a file."""
    from warmstation_server.cli.figuring import Asked, write

    with one_sentence():
        asked = Asked(first, last, period, region, host, language).sound(form)
        _has_a_place(out)
        typer.echo(str(write(check(config), form, asked, out)))


def _has_a_place(out: Path | None) -> None:
    """ExportError where no file can be written there; figures take a while to be counted."""
    from warmstation_server.exports.errors import ExportError

    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise ExportError(f"{out}: --out must be a file in a directory that is there")


def usage(
    config: ConfigPath = DEFAULT_CONFIG,
    first: First = "",
    last: Last = "",
    period: Span = "30d",
    region: InRegion = "",
    host: OfHost = "",
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Print the figures of a period."""
    from warmstation_server.cli.figuring import Asked, answered, shown

    with one_sentence():
        asked = Asked(first, last, period, region, host, language).sound()
        answer, said = answered(check(config), asked)
    if as_json:
        print_json(said)
    else:
        console().print(shown(answer, language, f"{said['first']} - {said['last']}"))


def import_counts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header.")],
    station: Annotated[str, typer.Option(help="Whose visits they are.")],
    config: ConfigPath = DEFAULT_CONFIG,
    time: Annotated[str, typer.Option("--time", help="The column of times.")] = "timestamp",
    count: Annotated[str, typer.Option("--count", help="The column of counts.")] = "value",
    as_json: AsJson = False,
) -> None:
    """Take over visits that another system counted; the same file twice counts once."""
    from warmstation_server.cli.figuring import take_over

    with one_sentence():
        said = take_over(check(config), file, station, (time, count))
    if as_json:
        print_json(said)
    else:
        typer.echo(f"{said['visits']} visits in {said['hours']} hours imported")
