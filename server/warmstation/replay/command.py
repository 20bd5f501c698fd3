"""`warmstation replay`: a CSV recording published as a station, over the agent's own uplink."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from pydantic import ValidationError

from warmstation.errors import BadRecording
from warmstation.replay.columns import Column
from warmstation.replay.player import Player, Tempo, Times
from warmstation.replay.recording import Recording
from warmstation_edge.clock import SystemClock
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Broker, OutboxLimits, Profile, Station
from warmstation_edge.uplink import Uplink
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump

_TURN_S = 0.05
_PATIENCE_S = 30.0
"""Without any receipt for so long, with nothing left to play, the server is not there."""


def replay(
    file: Annotated[Path, typer.Argument(help="CSV with a header.")],
    station: Annotated[str, typer.Option(help="Id of a registered station.")],
    district: Annotated[str, typer.Option(help="Its district.")],
    column: Annotated[
        list[str], typer.Option("--map", help="FIELD=COLUMN[:f|k|kw], as in room_c=value:f.")
    ],
    time_column: Annotated[
        str | None, typer.Option("--time", help="Column of times; else --every.")
    ] = None,
    time_format: Annotated[str | None, typer.Option(help="strptime; else ISO 8601.")] = None,
    every: Annotated[float, typer.Option(help="Seconds between rows without times.")] = 60.0,
    zone: Annotated[str, typer.Option(help="Zone of times without an offset.")] = "UTC",
    where: Annotated[
        list[str] | None, typer.Option(help="COLUMN=VALUE: only rows that have it.")
    ] = None,
    speed: Annotated[
        float, typer.Option(help="Recorded seconds a second; 0 = as fast as receipts come.")
    ] = 60.0,
    times: Annotated[Times, typer.Option(help="When rows count as measured.")] = "now",
    broker: Annotated[str, typer.Option(help="HOST:PORT of an MQTT 5 broker.")] = "127.0.0.1:1883",
    password_file: Annotated[Path | None, typer.Option(help="The station's password.")] = None,
) -> None:
    """Publish a recording as a station, and wait for the receipt of every row."""
    recording = Recording(
        path=file,
        columns=[Column.parse(text) for text in column],
        time=time_column,
        time_format=time_format,
        every=timedelta(seconds=every),
        start=datetime.now(UTC),
        zone=_zone(zone),
        where=dict(_pair(text) for text in where or ()),
        label="replay",
    )
    last = max((row.measured_at for row in recording.measurements()), default=None)
    with TemporaryDirectory(prefix="warmstation-replay-") as directory:
        profile = _profile(station, district, broker, password_file, Path(directory))
        played, receipted = _play(recording, Tempo(speed or None, times, last), profile)
    typer.echo(json.dumps({"rows": played, "receipted": receipted}))
    if receipted < played:
        raise BadRecording(
            f"{played - receipted} of {played} rows have no receipt: is {station} registered in "
            f"{district}, and the server connected to {broker}?"
        )


def _profile(
    station: str, district: str, broker: str, password_file: Path | None, directory: Path
) -> Profile:
    host, _, port = broker.rpartition(":")
    try:
        return Profile(
            station=Station(id=station, district=district),
            broker=Broker(host=host, port=int(port), password_file=password_file),
            outbox=OutboxLimits(path=directory / "outbox.db"),
        )
    except ValidationError as error:
        said = error.errors()[0]
        raise BadRecording(f"{'.'.join(map(str, said['loc']))}: {said['msg']}") from None
    except ValueError:
        raise BadRecording(f"--broker {broker!r}: write HOST:PORT") from None


def _play(recording: Recording, tempo: Tempo, profile: Profile) -> tuple[int, int]:
    """Rows played, and how many of them the server has committed."""
    clock, pump = SystemClock(), Pump()
    outbox = Outbox(profile.station.id, profile.outbox, clock)
    uplink = connect(profile, outbox, pump, clock, Random())  # noqa: S311  (jitter only)
    player = Player(recording.measurements(), tempo, outbox)
    pump.start()
    try:
        _turn_until_done(player, outbox, uplink, clock)
    finally:
        played, receipted = player.played, player.played - outbox.queued
        uplink.stop()
        outbox.abandon()
        pump.stop()
    return played, receipted


def _turn_until_done(player: Player, outbox: Outbox, uplink: Uplink, clock: SystemClock) -> None:
    """Play while there is a connection; stop when all is receipted, or nobody answers."""
    heard, heard_at = outbox.queued, clock.monotonic()
    while not (player.is_done and outbox.queued == 0):
        uplink.turn()
        if uplink.is_online:
            player.turn(clock.now())
        is_waiting = uplink.is_online and not player.is_done and outbox.queued == 0
        if outbox.queued != heard or is_waiting:
            heard, heard_at = outbox.queued, clock.monotonic()
        if clock.monotonic() - heard_at > _PATIENCE_S:
            return
        time.sleep(_TURN_S)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadRecording(f"--zone {name!r}: write an IANA zone such as Asia/Shanghai") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadRecording(f"--where {text!r}: write COLUMN=VALUE")
    return name, value
