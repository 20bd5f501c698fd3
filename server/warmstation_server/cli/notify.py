"""`warmstation notify who|test|ledger`: whom a trouble reaches, and whether a channel works."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from warmstation_server.alerts.rule import duration
from warmstation_server.alerts.words import unheard_of
from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import Config
from warmstation_server.config import check as check_config
from warmstation_server.errors import BadConfig
from warmstation_server.notify.errors import BadQuestion
from warmstation_wire import rfc3339

if TYPE_CHECKING:
    from warmstation_server.notify.delivery import LedgerLine
    from warmstation_server.registry import Registry
    from warmstation_server.telling import Told

app = typer.Typer(help="Who is told of alerts, and over which channel.", no_args_is_help=True)

_MINUTE = ["%Y-%m-%dT%H:%M"]


@app.command("who")
def who_is_told(
    station: Annotated[str, typer.Argument(help="A station's id.")],
    condition: Annotated[str, typer.Argument(help="What is wrong there, as heating.no_heat.")],
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=_MINUTE, help="When it begins, in the server's zone."),
    ] = None,
    lasting: Annotated[
        str, typer.Option("--lasting", help="How long nobody does anything.")
    ] = "1d",
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say who would be told, when and over what, if this began now and nobody took it on."""
    with one_sentence():
        found = check_config(config)
        now = datetime.now(found.zone_info) if at is None else at.replace(tzinfo=found.zone_info)
        told = _told(found, station, condition, now, lasting)
    if as_json:
        print_json([line for one in told for line in _to_dicts(one)])
    elif told:
        _print_told(told, found.zone_info)
    else:
        typer.echo(f"nobody is told of {condition} at {station} within {lasting}")


@app.command("test")
def try_channel(
    channel: Annotated[str, typer.Argument(help="A channel of notify.toml.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send one message that says it is a test; exit code 1 where the vendor does not take it.

    It counts with the vendor, and is not in the ledger.
    """
    from warmstation_server.clock import SystemClock
    from warmstation_server.notify import assembly, trial
    from warmstation_server.notify.config import check

    with one_sentence():
        file = _file(check_config(config))
        known = assembly.channels(check(file), file.parent, os.environ, SystemClock())
        if channel not in known:
            raise BadConfig(f"{file} has no channel {channel}; there are {', '.join(known)}")
        began = time.monotonic()
        outcome = trial.send(known[channel], datetime.now(UTC))
    latency_ms = round(1000 * (time.monotonic() - began))
    said = {"outcome": outcome.kind, "code": outcome.code, "detail": outcome.detail}
    if as_json:
        print_json({"channel": channel, **said, "latency_ms": latency_ms})
    else:
        typer.echo(" ".join((channel, *(one for one in said.values() if one), f"{latency_ms} ms")))
    if outcome.kind != "delivered":
        raise typer.Exit(1)


@app.command("ledger")
def show_ledger(
    alert: Annotated[str | None, typer.Option("--alert", help="Of this alert alone.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show the newest attempts to tell somebody, and what became of all notices."""
    with one_sentence():
        found = check_config(config)
        with _registry(found) as registry:
            lines = registry.notifications.attempts(alert, limit)
            tally = registry.notifications.tally()
    if as_json:
        print_json({"deliveries": tally, "attempts": [_line(one) for one in lines]})
    else:
        _print_ledger(lines, found.zone_info)
        said = ", ".join(f"{state} {count}" for state, count in sorted(tally.items()))
        typer.echo(f"deliveries: {said}" if said else "nobody was told anything yet")


def _told(found: Config, station: str, condition: str, now: datetime, lasting: str) -> list[Told]:
    from warmstation_server.alerts.rules import load
    from warmstation_server.clock import SystemClock
    from warmstation_server.notify.assembly import router
    from warmstation_server.notify.config import check
    from warmstation_server.roster import Roster
    from warmstation_server.telling import Telling
    from warmstation_server.upkeep import RegistryUpkeep

    notify = check(_file(found))
    doubt = unheard_of(condition)
    if doubt is not None or "*" in condition:
        raise BadQuestion(doubt or f"{condition} must be the name of one condition")
    try:
        spell = duration(lasting)
    except ValueError as error:
        raise BadQuestion(f"--lasting {error}") from None
    with _registry(found) as registry:
        roster = Roster(registry, RegistryUpkeep(registry, SystemClock()))
        roster.refresh()
        if station not in roster.stations:
            raise BadQuestion(f"no station {station} is registered")
        people = registry.people.all()
        telling = Telling(
            roster,
            load(found.alerts.rules, roster.regions),
            router(notify, people, roster.regions, found.zone_info),
            registry.alerts.windows(),
        )
        return telling.of(station, condition, now, spell)


def _file(found: Config) -> Path:
    if found.notify.file is None:
        raise BadConfig("notify.file: must be given, since without it nobody is told")
    return found.notify.file


@contextmanager
def _registry(found: Config) -> Iterator[Registry]:
    from warmstation_server.registry import Registry

    with closing(Registry.open(found.registry_url)) as registry:
        yield registry


def _to_dicts(one: Told) -> Iterator[dict[str, Any]]:
    notice = one.notice
    said = {
        "at": rfc3339(notice.at),
        "kind": notice.kind,
        "severity": notice.severity,
        "tier": notice.tier,
        "region": notice.region_id,
    }
    if one.addresses is None:
        yield {**said, "recipient": None}
    for to in one.addresses or ():
        told = {"recipient": to.recipient, "channel": to.channel, "language": to.language}
        yield {**said, **told, "not_before": rfc3339(to.due_at)}


def _print_told(told: list[Told], zone: tzinfo) -> None:
    table = Table("at", "what", "severity", "tier", "who", "over", "not before")
    for one in told:
        notice = one.notice
        cells = (_clock(notice.at, zone), notice.kind, notice.severity, notice.tier)
        if one.addresses is None:
            table.add_row(*cells, "nobody: add a [[routes]]", "", "")
        elif not one.addresses:
            table.add_row(*cells, "nobody wants it: min_severity", "", "")
        for to in one.addresses or ():
            table.add_row(*cells, to.recipient, to.channel, _clock(to.due_at, zone))
    console().print(table)


def _print_ledger(lines: tuple[LedgerLine, ...], zone: tzinfo) -> None:
    table = Table("at", "who", "over", "notices", "outcome", "code", "ms", "detail")
    for one in lines:
        outcome = (one.outcome or "no answer yet") + (" (may repeat)" if one.may_repeat else "")
        latency = "?" if one.latency_ms is None else str(one.latency_ms)
        cells = (one.recipient, one.channel, str(one.notices), outcome, one.vendor_code or "")
        table.add_row(_clock(one.started_at, zone), *cells, latency, one.detail or "")
    if lines:
        console().print(table)


def _line(one: LedgerLine) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return fields | {"started_at": rfc3339(one.started_at)}


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M:%S")
