"""`warmstation export`, `usage` and `import-counts`: figures without a browser.

While a server runs, its history is its own: figures are then as fresh as it counted them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.clock import SystemClock
from warmstation_server.config import Config, check
from warmstation_server.exports.assembly import Figures, figures
from warmstation_server.exports.errors import ExportError
from warmstation_server.exports.table import summary
from warmstation_server.exports.wanted import FORMS, Form, Wanted
from warmstation_server.history import History
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.importing_counts import BadCounts, hourly
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.usage.groups import chosen
from warmstation_server.usage.period import Period, between, named
from warmstation_server.web.words import Words

First = Annotated[str, typer.Option("--from", help="First day, like 2026-11-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day; both are included.")]
Span = Annotated[str, typer.Option("--period", help="7d, 30d, month, last_month or 12m.")]
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
    with one_sentence(), _opened(check(config)) as (found, roster, now):
        kind = next((known for known in FORMS if known == form), None)
        if kind is None:
            raise ExportError(f"{form} is no kind of export: use {', '.join(FORMS)}")
        _language(language)
        span = _period(found, now, first, last, period)
        wanted = _wanted(kind, span, roster, region, host, language)
        path = out or Path(wanted.file_name)
        try:
            found.maker.write(wanted, path, now, lambda _, __: None)
        except OSError as error:
            raise ExportError(f"{path}: {error.strerror or error}") from None
        typer.echo(str(path))


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
    with one_sentence(), _opened(check(config)) as (found, roster, now):
        words = Words(_language(language))
        span = _period(found, now, first, last, period)
        stations = chosen(roster.stations.values(), roster.regions, region, host)
        answer = found.district.answer(stations, roster.regions, span, now, region)
        if as_json:
            every = answer.figures.items()
            print_json(
                {"first": str(span.first), "last": str(span.last), "stations": len(stations)}
                | {key: {"value": one.value, "coverage": one.coverage} for key, one in every}
            )
            return
        shown = summary(answer, words)
        table = Table(*shown.columns[:4], title=f"{span.first} - {span.last}")
        for row in shown.rows:
            table.add_row(*("?" if cell is None else str(cell) for cell in row[:4]))
        console().print(table)


def import_counts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header.")],
    station: Annotated[str, typer.Option(help="Whose visits they are.")],
    config: ConfigPath = DEFAULT_CONFIG,
    time: Annotated[str, typer.Option("--time", help="The column of times.")] = "timestamp",
    count: Annotated[str, typer.Option("--count", help="The column of counts.")] = "value",
    as_json: AsJson = False,
) -> None:
    """Take over visits that another system counted; the same file twice counts once."""
    with one_sentence():
        settings = check(config)
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                counts = hourly(lines, time, count, station, settings.zone_info, file.name)
        except (BadCounts, UnicodeDecodeError) as error:
            raise BadCounts(f"{file}: {error}") from None
        with closing(Registry.open(settings.registry_url)) as registry:
            if all(one.id != station for one in registry.stations()):
                raise BadCounts(f"there is no station {station}")
            replaced = registry.visits.replace_imported(station, counts)
        said = {
            "hours": len(counts),
            "visits": sum(one.visits for one in counts),
            "replaced_hours": replaced,
        }
        if as_json:
            print_json(said)
        else:
            typer.echo(f"{said['visits']} visits in {said['hours']} hours imported")


@contextmanager
def _opened(config: Config) -> Iterator[tuple[Figures, Roster, datetime]]:
    clock = SystemClock()
    with ExitStack() as stack:
        registry = stack.enter_context(closing(Registry.open(config.registry_url)))
        roster = Roster(registry)
        roster.refresh()
        history, is_ours = _history(config, roster, stack)
        found = figures(config, history, registry, roster, clock, stack)
        if is_ours:
            found.count_once(clock.now(), threading.Event())
        yield found, roster, clock.now()


def _history(config: Config, roster: Roster, stack: ExitStack) -> tuple[History, bool]:
    try:
        history = SqliteHistory(
            config.history_path,
            config.zone_info,
            roster.target_c,
            roster.is_posted_open,
            seats=roster.seats,
        )
    except HistoryAway:
        typer.echo("the server is running: figures are as fresh as it counted them", err=True)
        return MemoryHistory(config.zone_info), False
    stack.enter_context(closing(history))
    return history, True


def _period(found: Figures, now: datetime, first: str, last: str, name: str) -> Period:
    today = found.district.today(now)
    period = between(first, last, today) if first or last else named(name, today)
    if period is None:
        raise ExportError("give --from and --to as dates in order, or --period with a known name")
    return period


def _wanted(
    form: Form, period: Period, roster: Roster, region: str, host: str, language: str
) -> Wanted:
    if region and region not in roster.regions:
        raise ExportError(f"there is no region {region}")
    stations = chosen(roster.stations.values(), roster.regions, region, host)
    if not stations:
        raise ExportError("there is no such station")
    return Wanted(form, period, tuple(one.id for one in stations), region, host, language)


def _language(language: str) -> str:
    if language not in ("zh-CN", "en"):
        raise ExportError(f"{language} is no language here: use zh-CN or en")
    return language
