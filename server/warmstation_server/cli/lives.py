"""`warmstation station change|retire|return|remove` and `warmstation region list|change|remove`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import Config, check
from warmstation_server.places import Retired, Station

if TYPE_CHECKING:
    from warmstation_server.accounts.audit import Author
    from warmstation_server.registry import Registry
    from warmstation_server.registry.imports.raw import Kind

StationId = Annotated[str, typer.Argument(metavar="ID", help="Like ks-songnan.")]
RegionId = Annotated[str, typer.Argument(metavar="ID", help="Like ks-qiandeng.")]
Columns = Annotated[
    list[str], typer.Option("--set", help="COLUMN=VALUE as in an import; may be repeated.")
]
regions = typer.Typer(help="Regions: cities, streets, communities.", no_args_is_help=True)


def add_to(stations: typer.Typer) -> None:
    """Put the commands of a station's life among those of stations."""
    stations.command("change")(change)
    stations.command("retire")(retire)
    stations.command("return")(bring_back)
    stations.command("remove")(remove)


def change(station_id: StationId, columns: Columns, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Rename a station, move it (region, address, lat and lon), or change what it promises."""
    _change("station", station_id, columns, config)


def retire(
    station_id: StationId,
    reason: Annotated[str, typer.Option(help="Why; for the audit log.")],
    last_day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Its last day, today unless told otherwise."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """End a station: off the map, no alerts, no say at the broker; its past figures stay."""
    from warmstation_server.past import ended_at
    from warmstation_server.registry import BadPlace

    now = datetime.now(UTC)
    with _opened(config) as (found, places):
        station = _known(places, station_id)
        zone = ZoneInfo(station.zone)
        at = ended_at(_day(last_day, zone, now), zone, now)
        if at is None:
            raise BadPlace("--last-day is still to come: retire the station on that day")
        places.lives.retire(station_id, at, reason, _author(now))
        _tell_broker(found, places, now)
    typer.echo(f"{station_id} is retired since {at.astimezone(zone):%Y-%m-%d %H:%M}")


def bring_back(
    station_id: StationId,
    first_day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Its first day, today unless told otherwise.",
        ),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Bring a retired station back, as it was."""
    from warmstation_server.past import began_at
    from warmstation_server.registry import BadPlace

    now = datetime.now(UTC)
    with _opened(config) as (found, places):
        zone = ZoneInfo(_known(places, station_id).zone)
        since = began_at(_day(first_day, zone, now), zone, now)
        if since is None:
            raise BadPlace("--first-day is still to come: bring the station back on that day")
        places.lives.bring_back(station_id, since, _author(now))
        _tell_broker(found, places, now)
    typer.echo(f"{station_id} is a station again")


def remove(station_id: StationId, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Take away a station that was a mistake: one that never reported."""
    from warmstation_server.registry import StillNeeded

    now = datetime.now(UTC)
    with _opened(config) as (found, places):
        _known(places, station_id)
        if not _never_reported(found, station_id, now):
            raise StillNeeded(f"station {station_id} has reported: retire it, that loses nothing")
        places.lives.remove_station(station_id, _author(now))
        _tell_broker(found, places, now)
    typer.echo(f"{station_id} is removed")


@regions.command("list")
def list_regions(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the regions."""
    from warmstation_server.registry.rows import region_columns_of

    with _opened(config) as (_, places):
        found = places.regions()
    if as_json:
        print_json([region_columns_of(one) for one in found])
        return
    table = Table("id", "level", "name", "in")
    for one in found:
        cells = (one.id, one.level, one.name.zh, one.parent_id or "-")
        table.add_row(*(Text(cell) for cell in cells))
    console().print(table)


@regions.command("change")
def change_region(
    region_id: RegionId, columns: Columns, config: ConfigPath = DEFAULT_CONFIG
) -> None:
    """Rename a region, or put it into another one (parent)."""
    _change("region", region_id, columns, config)


@regions.command("remove")
def remove_region(region_id: RegionId, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Take away a region that nothing lies in, or ever lay."""
    with _opened(config) as (_, places):
        places.lives.remove_region(region_id, _author(datetime.now(UTC)))
    typer.echo(f"{region_id} is removed")


def show_retired(found: Sequence[Retired], *, as_json: bool) -> None:
    """Stations that are none any more."""
    if as_json:
        from warmstation_server.registry import columns_of
        from warmstation_wire import rfc3339

        said = [{"retired_at": rfc3339(one.at), "reason": one.reason} for one in found]
        print_json([columns_of(one.station) | more for one, more in zip(found, said, strict=True)])
        return
    table = Table("id", "name", "region", "since", "why")
    for one in found:
        since = f"{one.at.astimezone(ZoneInfo(one.station.zone)):%Y-%m-%d %H:%M}"
        cells = (one.station.id, one.station.name.zh, one.station.region_id, since, one.reason)
        table.add_row(*(Text(cell) for cell in cells))
    console().print(table)


def _change(kind: Kind, key: str, columns: Sequence[str], config: Path) -> None:
    from warmstation_server import registry as room

    with one_sentence():  # what was mistyped is said before a configuration that lacks
        values = room.Columns.parse((), columns, "--set").given(kind)
        if not values or "id" in values:
            raise room.BadPlace(f"--set must name columns of a {kind} other than its id")
    with _opened(config) as (_, places):
        is_new = places.change(kind, key, values, _author(datetime.now(UTC)))
    typer.echo(f"{key} is changed" if is_new else f"{key} is like that already")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Config, Registry]]:
    from warmstation_server.registry import Registry

    with one_sentence():
        config = check(path)
        with closing(Registry.open(config.registry_url)) as places:
            yield config, places


def _author(now: datetime) -> Author:
    from warmstation_server.accounts.audit import Author

    return Author(now)


def _known(places: Registry, station_id: str) -> Station:
    from warmstation_server.registry import UnknownStation

    every = (*places.stations(), *(one.station for one in places.retired()))
    found = next((one for one in every if one.id == station_id), None)
    if found is None:
        raise UnknownStation(f"no station has the id {station_id[:80]!r}")
    return found


def _day(given: datetime | None, zone: ZoneInfo, now: datetime) -> date:
    return now.astimezone(zone).date() if given is None else given.date()


def _never_reported(config: Config, station_id: str, now: datetime) -> bool:
    from warmstation_server.history.assembly import UNASKED, opened_to_read
    from warmstation_server.history.errors import HistoryAway
    from warmstation_server.history.reported import has_reported
    from warmstation_server.registry import BadPlace

    try:
        with closing(opened_to_read(config, UNASKED)) as history:
            return not has_reported(history, station_id, now)
    except HistoryAway:
        raise BadPlace(
            "the running server has the history for itself: remove the station at its page "
            "under /manage, or stop the server first"
        ) from None


def _tell_broker(config: Config, places: Registry, now: datetime) -> None:
    """Who may speak is written anew, where there is an authority at all."""
    from warmstation_server.enrolment.keeping import KEY

    if not (config.authority_dir / KEY).exists():
        return
    from warmstation_server.cli.enrolment import tell_broker
    from warmstation_server.enrolment.desk import Desk

    life = timedelta(days=config.enrolment.days)
    Desk(config.authority_dir, places.enrolments, life, config.enrolment.lists).write_acl(now)
    tell_broker(config)
