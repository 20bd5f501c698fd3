"""`warmstation station enrol|revoke|commissionings` and `warmstation broker config`."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from warmstation_server.enrolment.errors import EnrolmentError
from warmstation_wire import rfc3339

if TYPE_CHECKING:
    from warmstation_server.enrolment.desk import Desk
    from warmstation_server.registry import Registry

StationId = Annotated[str, typer.Argument(metavar="ID", help="Like ks-songnan.")]
broker = typer.Typer(help="The MQTT broker.", no_args_is_help=True)


def add_to(stations: typer.Typer) -> None:
    """Put the commands of enrolment among those of stations."""
    stations.command("enrol")(enrol)
    stations.command("revoke")(revoke)
    stations.command("commissionings")(commissionings)


def enrol(
    station_id: StationId,
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long the claim lives.")] = 72,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Make a single-use claim, to be typed (or written by cloud-init) on the station's Pi."""
    now = datetime.now(UTC)
    with _opened(config) as (found, _, desk):
        claim = desk.claim(station_id, now, timedelta(hours=hours))
        authority = found.authority_dir / "ca.pem"
        desk.authority(now)
    until = rfc3339(now + timedelta(hours=hours))
    if as_json:
        told = {"station": station_id, "claim": claim, "until": until, "ca": str(authority)}
        print_json(told | {"server": found.base_url})
        return
    typer.echo(f"claim: {claim}\nIt can be used once, until {until}. On the Pi, with {authority}")
    typer.echo("copied to /etc/warmstation/ca.pem:")
    typer.echo(f"  warmstation-agent enrol --server {found.base_url} {claim}")


def revoke(
    station_id: StationId,
    reason: Annotated[str, typer.Option(help="For the record.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Revoke all certificates and claims of a station, and end its connection at the broker."""
    now = datetime.now(UTC)
    with _opened(config) as (found, _, desk):
        gone = desk.revoke(station_id, reason, now)
        tell_broker(found)
        is_ended = _ended(found, desk, station_id, now) if gone else False
    if as_json:
        serials = [one.serial for one in gone]
        print_json({"station": station_id, "revoked": serials, "connection_ended": is_ended})
        return
    typer.echo(f"{station_id}: {len(gone)} certificates revoked")
    if not found.enrolment.reload:
        typer.echo("The broker enforces it when it has read its lists again: copy acl and crl.pem")
        typer.echo(f"of {found.authority_dir} to it and send it SIGHUP.")


def commissionings(
    station_id: StationId, config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """Show how a station was commissioned, the newest first."""
    from warmstation_server.registry import UnknownStation

    with _opened(config) as (_, registry, _desk):
        if all(one.id != station_id for one in registry.stations()):
            raise UnknownStation(f"no station has the id {station_id!r}")
        found = registry.enrolments.commissionings(station_id)
    if as_json:
        print_json([one.record for one in found])
        return
    table = Table("made at", "check", "verdict", "value", "cause")
    for one in found:
        for check_ in one.record["checks"]:
            cells = (check_["name"], check_["verdict"], check_["live"] or "", check_["cause"] or "")
            table.add_row(rfc3339(one.made_at), *(Text(cell) for cell in cells))
    console().print(table)


@broker.command("config")
def broker_config(
    hosts: Annotated[list[str], typer.Argument(help="Its names and addresses for stations.")],
    out: Annotated[Path, typer.Option(help="Where mosquitto's files go.")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8883,
    listen: Annotated[str, typer.Option(help="The address that it listens on.")] = "",
    state: Annotated[Path, typer.Option(help="Where it keeps its queues.")] = Path(
        "/var/lib/mosquitto"
    ),
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Write mosquitto's configuration, its certificate, and the server's own."""
    from warmstation_server.enrolment.broker_files import BrokerFiles
    from warmstation_server.enrolment.hosts import check_host

    with one_sentence():
        for host in hosts:
            check_host(host)
    now = datetime.now(UTC)
    with _opened(config) as (found, _, desk):
        files = BrokerFiles(out, tuple(hosts), port, listen, state)
        files.write(desk.authority(now), desk.write_lists(now), now)
    typer.echo(f"written to {out}; in server.toml:")
    typer.echo(files.server_toml(hosts[0]))
    if out != found.authority_dir:
        typer.echo(
            f"acl and crl.pem there must follow those of {found.authority_dir} (station enrol, "
            "station revoke), and mosquitto needs SIGHUP: warmstation-admission.path does both."
        )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Config, Registry, Desk]]:
    from warmstation_server.enrolment.desk import Desk
    from warmstation_server.registry import Registry

    with one_sentence():
        config = check(path)
        with closing(Registry.open(config.registry_url)) as registry:
            life = timedelta(days=config.enrolment.days)
            lists = config.enrolment.lists
            yield config, registry, Desk(config.authority_dir, registry.enrolments, life, lists)


def tell_broker(config: Config) -> None:
    """Run what makes the broker read its lists again."""
    command = config.enrolment.reload
    if not command:
        return
    try:
        subprocess.run(shlex.split(command), check=True, timeout=60)  # noqa: S603 - the operator's own
    except (OSError, subprocess.SubprocessError) as error:
        raise EnrolmentError(f"it is written, but the broker was not told: {error}") from None


def _ended(config: Config, desk: Desk, station_id: str, now: datetime) -> bool:
    """End the connection that the revoked certificate still holds open."""
    from warmstation_server.enrolment.eviction import evict

    return evict(config.broker, desk.authority(now), station_id, now)
