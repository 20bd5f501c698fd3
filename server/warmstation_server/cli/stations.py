"""`warmstation station add|list|import`: what is registered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from warmstation_server.cli import lives
from warmstation_server.cli.terminal import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    one_sentence,
    print_json,
)
from warmstation_server.config import check
from warmstation_server.places import Station

if TYPE_CHECKING:
    from warmstation_server import registry as room

app = typer.Typer(help="Stations and their regions.", no_args_is_help=True)

RegistryAt = Annotated[
    str | None,
    typer.Option("--registry", help="A registry file or database URL, instead of --config."),
]


@contextmanager
def _opened(config: Path, at: str | None) -> Iterator[room.Registry]:
    from warmstation_server import registry as room  # SQLAlchemy: `--help` is quick without it

    with one_sentence(), closing(room.Registry.open(at or check(config).registry_url)) as registry:
        yield registry


@app.command("list")
def list_stations(
    config: ConfigPath = DEFAULT_CONFIG,
    registry: RegistryAt = None,
    district: Annotated[str | None, typer.Option(help="Only this district's.")] = None,
    as_json: AsJson = False,
    is_retired: Annotated[
        bool, typer.Option("--retired", help="Those that are stations no more.")
    ] = False,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="All regions and stations, ready to import.")
    ] = False,
) -> None:
    """Show the registered stations."""
    from warmstation_server import registry as room

    with one_sentence():
        if registry is not None and "://" not in registry and not Path(registry).exists():
            raise room.RegistryAway(f"{registry}: there is no registry")
    with _opened(config, registry) as places:
        regions, stations = places.regions(), places.stations()
        retired = places.retired()
    stations = tuple(one for one in stations if district in (None, one.district))
    if is_retired:
        gone = [one for one in retired if district in (None, one.station.district)]
        lives.show_retired(gone, as_json=as_json)
    elif as_toml:
        typer.echo(room.dumps(regions, stations), nl=False)
    elif as_json:
        print_json([room.columns_of(station) for station in stations])
    else:
        console().print(_table(stations))
        typer.echo("1 station" if len(stations) == 1 else f"{len(stations)} stations")


@app.command("add")
def add_station(
    station_id: Annotated[str, typer.Argument(metavar="ID", help="Like ks-songnan.")],
    district: Annotated[str, typer.Option(help="The district in its MQTT topics.")],
    region: Annotated[str, typer.Option(help="The id of the region that it lies in.")],
    name: Annotated[str, typer.Option(help="Its Chinese name.")],
    lat: Annotated[float, typer.Option(help="Degrees north.")],
    lon: Annotated[float, typer.Option(help="Degrees east.")],
    hours: Annotated[str, typer.Option(help="OpenStreetMap opening_hours.")],
    capacity: Annotated[int, typer.Option(help="Seats.")],
    more: Annotated[
        list[str] | None,
        typer.Option("--set", help="COLUMN=VALUE for any other column of an import."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    registry: RegistryAt = None,
    as_json: AsJson = False,
) -> None:
    """Register one station; its region must be there (import it first)."""
    from warmstation_server import registry as room

    values = {"id": station_id, "district": district, "region": region, "name_zh": name}
    numbers = {"lat": lat, "lon": lon, "hours": hours, "capacity": capacity}
    with one_sentence():  # what was mistyped is said before a configuration that lacks
        told = room.Columns.parse((), more or (), "--set").given("station")
        room.sound(told | values | numbers)
    with _opened(config, registry) as places:
        added = places.add(told | values | numbers)
    if as_json:
        print_json(room.columns_of(added))
    else:
        typer.echo(f"{added.id} is registered")


@app.command("import")
def import_places(
    files: Annotated[list[Path], typer.Argument(help="TOML, CSV or XLSX; regions and stations.")],
    config: ConfigPath = DEFAULT_CONFIG,
    registry: RegistryAt = None,
    sources: Annotated[
        list[str] | None,
        typer.Option("--map", help="id=COLUMN,name_zh=TEMPLATE of {COLUMN}s; may be repeated."),
    ] = None,
    defaults: Annotated[
        list[str] | None,
        typer.Option("--default", help="district=shenzhen where a row has none; may be repeated."),
    ] = None,
    strict: Annotated[bool, typer.Option(help="One refused row refuses all.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would happen.")] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Write the refused rows and the reasons to this CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add and change regions and stations, all files in one transaction."""
    from warmstation_server import registry as room
    from warmstation_server.cli import outcomes

    with one_sentence():  # a file that was mistyped is said before a configuration that lacks
        columns = room.Columns.parse(sources or (), defaults or ())
        contents = [room.read(file, columns) for file in files]
    rows = [row for content in contents for row in content.rows]
    with _opened(config, registry) as places:
        outcome = places.take(rows, strict=strict, dry_run=dry_run)
        warnings = [*(text for content in contents for text in content.warnings), *outcome.warnings]
        if refused is not None and outcome.refused:
            outcomes.write_refused(refused, outcome)
    if as_json:
        print_json(outcome.to_dict() | {"warnings": warnings})
    else:
        outcomes.show(outcome, warnings)
    _end(outcome, len(rows), dry_run=dry_run)


def _end(outcome: room.ImportOutcome, rows: int, *, dry_run: bool) -> None:
    """Exit code 1 where nothing was taken that should have been."""
    if not outcome.is_committed and not dry_run:
        count = outcome.refused_rows
        many = f"{count} of {rows} rows are" if rows > 1 else "the only row is"
        typer.echo(f"nothing was imported: {many} refused (--strict)", err=True)
        raise typer.Exit(1)
    if rows and outcome.refused_rows == rows:
        many = f"all {rows} rows are" if rows > 1 else "the only row is"
        typer.echo(f"nothing was imported: {many} refused", err=True)
        raise typer.Exit(1)


def _table(stations: tuple[Station, ...]) -> Table:
    table = Table("id", "district", "name", "region", "hours", "seats", "chargers", "simulated")
    for one in stations:
        chargers = " ".join(f"{plan.kind} {plan.count}" for plan in one.chargers)
        cells: tuple[Any, ...] = (one.id, one.district, one.name.zh, one.region_id, one.hours)
        cells += (one.capacity, chargers or "-", "yes" if one.is_simulated else "no")
        table.add_row(*(Text(str(cell)) for cell in cells))
    return table
