"""A charging log in a CSV file: `charger,start,end` with a header, times in ISO 8601."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from warmstation_server.charging.utilisation import Session
from warmstation_server.errors import ServerError

COLUMNS = ("charger", "start", "end")


class BadLog(ServerError, ValueError):
    """A log that cannot be read: names the file, the line and what is wrong."""


def read(path: Path, zone: ZoneInfo) -> list[Session]:
    """Every session, at least one; times without an offset are local ones. BadLog says where."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(_sessions(path, csv.DictReader(file), zone))
    except OSError as error:
        raise BadLog(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadLog(f"{path}: cannot be read: it is not UTF-8") from None
    except csv.Error as error:
        raise BadLog(f"{path}: cannot be read: {error}") from error
    if not found:
        raise BadLog(f"{path} has no sessions")
    return found


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, like Asia/Shanghai; BadLog where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadLog(f"no time zone has the name {name[:40]!r}") from None


def _sessions(path: Path, rows: csv.DictReader[str], zone: ZoneInfo) -> Iterator[Session]:
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadLog(f"{path} has no column {missing[0]}; it needs {', '.join(COLUMNS)}")
    for row in rows:
        where = f"{path} line {rows.line_num}"
        charger, start = (row["charger"] or "").strip(), _moment(row["start"], where, zone)
        if not charger or start is None:
            raise BadLog(f"{where}: a session needs a charger and a start")
        yield Session(charger, start, _moment(row["end"], where, zone))


def _moment(text: str | None, where: str, zone: ZoneInfo) -> datetime | None:
    if text is None or not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadLog(f"{where}: {text[:40]!r} is no time like 2026-11-21T08:00") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)
