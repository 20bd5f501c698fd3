"""`warmstation charging-log`: utilisation from another system's log of charging sessions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from warmstation_server.cli.terminal import one_sentence, print_json


def charging_log(
    file: Annotated[Path, typer.Argument(help="CSV with the columns charger, start, end.")],
    start: Annotated[datetime | None, typer.Option(help="From; default: the first start.")] = None,
    end: Annotated[datetime | None, typer.Option(help="To; default: the last end.")] = None,
    zone: Annotated[str, typer.Option(help="Of times without an offset.")] = "Asia/Shanghai",
) -> None:
    """Utilisation of chargers: the union of each one's sessions, as JSON."""
    from warmstation_server.charging.log_file import read, zone_of
    from warmstation_server.charging.utilisation import LONGEST, utilisation

    with one_sentence():
        where = zone_of(zone)
        sessions = read(file, where)
    last = max(one.end or one.start + LONGEST for one in sessions)
    begin = start.replace(tzinfo=where) if start else min(one.start for one in sessions)
    until = end.replace(tzinfo=where) if end else last
    found = utilisation(sessions, begin, until)
    span = {"start": begin.isoformat(), "end": until.isoformat()}
    print_json({**span, **asdict(found), "share": found.share})
