"""`warmstation rules check|test|backtest`: rules of alerts, before they go to work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from warmstation_server.alerts import rules as room
from warmstation_server.alerts.errors import BadRange, BadRules, BadRuleTests
from warmstation_server.cli.progress import Share
from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import check as check_config

if TYPE_CHECKING:
    from warmstation_server.alerts import backtest as past
    from warmstation_server.history import History
    from warmstation_server.notify.notice import Notice
    from warmstation_server.roster import Roster

app = typer.Typer(help="Rules that say what becomes an alert.", no_args_is_help=True)

_SHOWN = 40
_DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@app.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(help="A rule file (TOML).")],
    config: Annotated[
        Path | None, typer.Option("--config", help="Also check that its regions are registered.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a rule file; every mistake with its line and key."""
    regions = None
    if config is not None:
        with _opened(config) as (_, roster):
            regions = tuple(roster.regions)
    with _all_mistakes():
        found = room.load(file, regions)
    if as_json:
        print_json({"file": str(file), "conditions": found.names, "doubts": found.doubts})
        return
    for doubt in found.doubts:
        typer.echo(f"{doubt} (allowed, but is it meant?)", err=True)
    typer.echo(f"{file} is good")


@app.command("test")
def run_tests(
    file: Annotated[Path, typer.Argument(help="Tests of rules (YAML).")],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Test these, whatever the file names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run unit tests of rules: what is heard over time, and what must follow."""
    from warmstation_server.alerts import rule_tests

    with one_sentence(), _all_mistakes():
        count, failures = rule_tests.run(file, rules)
    if as_json:
        failed = [asdict(one) for one in failures]
        print_json({"tests": count, "failures": failed})
    else:
        for failure in failures:
            typer.echo(f"FAILED {failure.test}: {failure.of}")
            for text in failure.missing:
                typer.echo(f"  missing     {text}")
            for text in failure.unexpected:
                typer.echo(f"  unexpected  {text}")
        typer.echo(f"{count} tests, {len({one.test for one in failures})} failed")
    if failures:
        raise typer.Exit(1)


@app.command("backtest")
def backtest_rules(
    rules: Annotated[Path, typer.Option("--rules", help="The rules to try.")],
    start: Annotated[
        datetime, typer.Option("--from", formats=_DAY, help="First day, in the server's zone.")
    ],
    end: Annotated[datetime, typer.Option("--to", formats=_DAY, help="The day after the last.")],
    against: Annotated[
        Path | None, typer.Option("--against", help="Also try these, and show the difference.")
    ] = None,
    places: Annotated[
        list[str] | None,
        typer.Option("--at", help="Only this station, or the stations of this region; repeatable."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Try rules on what was recorded: pages a day, and how two sets of rules differ.

    The week before is judged too, to learn what is usual. How far it has come is told on stderr.
    """
    from warmstation_server.alerting_past import judged, only

    with one_sentence():
        zone = check_config(config).zone_info
        with _all_mistakes():
            sets = [room.load(path) for path in (rules, against) if path is not None]
        with _history(config) as (history, roster):
            first, last = start.replace(tzinfo=zone), end.replace(tzinfo=zone)
            if first >= last:
                raise BadRange(f"--to {end} must be later than --from {start}")
            if places:
                roster = only(roster, places)
            with Share(f"{len(roster.stations)} stations, {(last - first).days} days") as share:
                results = judged(history, roster, sets, first, last, share)
        typer.echo(f"{results[0].reports} reports of these days in {share.taken}", err=True)
        if not results[0].reports:
            raise BadRange(f"no report came from {start} to {end}: there is nothing to judge")
    if as_json:
        print_json(_as_dict(results))
    else:
        _print(results)


@contextmanager
def _all_mistakes() -> Iterator[None]:
    """A line each, where a file has several."""
    try:
        yield
    except (BadRules, BadRuleTests) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@contextmanager
def _opened(config: Path) -> Iterator[tuple[object, Roster]]:
    from warmstation_server.registry import Registry
    from warmstation_server.roster import Roster

    with one_sentence(), closing(Registry.open(check_config(config).registry_url)) as registry:
        roster = Roster(registry, changes=registry.audit)
        roster.refresh()
        yield registry, roster


@contextmanager
def _history(config: Path) -> Iterator[tuple[History, Roster]]:
    from warmstation_server.history.assembly import Hooks, opened_to_read

    found = check_config(config)
    with _opened(config) as (_, roster):
        history = opened_to_read(found, Hooks(roster.target_c, roster.is_posted_open, roster.seats))
        with closing(history):
            yield history, roster


def _as_dict(results: list[past.Judged]) -> dict[str, object]:
    said: dict[str, object] = {"rules": results[0].to_dict()}
    if len(results) == 2:
        from warmstation_server.alerts import backtest as past

        one, other = results
        said["against"] = other.to_dict()
        said["only_with_rules"] = [past.page_dict(page) for page in past.only_in(one, other)]
        said["only_with_against"] = [past.page_dict(page) for page in past.only_in(other, one)]
    return said


def _print(results: list[past.Judged]) -> None:
    table = Table("trouble", "pages", *(["against"] if len(results) == 2 else []))
    counts = [one.by_title() for one in results]
    for name in sorted({name for count in counts for name in count}):
        table.add_row(name, *(str(count[name]) for count in counts))
    console().print(table)
    typer.echo(f"{results[0].reports} reports")
    for label, one in zip(("rules", "against"), results, strict=False):
        typer.echo(f"{label}: {len(one.pages)} pages, {one.pages_a_day:.2f} a day")
    if len(results) == 2:
        from warmstation_server.alerts import backtest as past

        _print_difference("only with --rules", past.only_in(results[0], results[1]))
        _print_difference("only with --against", past.only_in(results[1], results[0]))


def _print_difference(label: str, pages: tuple[Notice, ...]) -> None:
    typer.echo(f"{label}: {len(pages)}")
    for page in pages[:_SHOWN]:
        trouble = page.title.en or page.title.zh
        typer.echo(f"  {page.at:%Y-%m-%d %H:%M}Z  {page.station}  {trouble}  {page.kind}")
    if len(pages) > _SHOWN:
        typer.echo(f"  ... and {len(pages) - _SHOWN} more: --json has them all")
