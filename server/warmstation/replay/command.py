"""`warmstation replay`: a CSV recording published as a station, over the agent's own uplink."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from warmstation.errors import BadRecording
from warmstation.replay.columns import Column
from warmstation.replay.player import Tempo, Times
from warmstation.replay.recording import Recording


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
    every: Annotated[
        float, typer.Option(min=0.001, help="Seconds between rows without times.")
    ] = 60.0,
    zone: Annotated[str, typer.Option(help="Zone of times without an offset.")] = "UTC",
    where: Annotated[
        list[str] | None, typer.Option(help="COLUMN=VALUE: only rows that have it.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0, help="Recorded seconds a second; 0 = as fast as receipts come.")
    ] = 60.0,
    times: Annotated[Times, typer.Option(help="When rows count as measured.")] = "now",
    broker: Annotated[str, typer.Option(help="HOST:PORT of an MQTT 5 broker.")] = "127.0.0.1:1883",
    password_file: Annotated[Path | None, typer.Option(help="The station's password.")] = None,
) -> None:
    """Publish a recording as a station, and wait for the receipt of every row."""
    from warmstation.replay.playing import play, profile_of

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
        profile = profile_of(station, district, broker, password_file, Path(directory))
        ended = play(recording, Tempo(speed or None, times, last), profile)
    if ended.played or ended.is_whole:
        typer.echo(json.dumps({"rows": ended.played, "receipted": ended.receipted}))
    if ended.receipted < ended.played:
        missing = ended.played - ended.receipted
        raise BadRecording(
            f"{missing} of {ended.played} rows have no receipt: is {station} registered in "
            f"{district}, and the server connected to {broker}?"
        )
    if not ended.is_whole:
        raise BadRecording(f"no broker answers at {broker}: {ended.played} rows were played")


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
