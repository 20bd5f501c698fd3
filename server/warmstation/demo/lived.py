"""Until when a demo has a past: a mark in its directory, made when all of it is in the history."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from warmstation.errors import DemoError

SHORT_GAP = timedelta(hours=6)
"""A shorter gap stays in the curves, as it would for a real server that was off."""


def until(directory: Path) -> datetime | None:
    """The end of the past; None where none was made yet."""
    mark = _mark(directory)
    try:
        return datetime.fromisoformat(json.loads(mark.read_text("utf-8"))["until"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DemoError(f"{mark} cannot be read ({error}): delete it") from None


def note(directory: Path, until: datetime) -> None:
    """Remember it."""
    _mark(directory).write_text(json.dumps({"until": until.isoformat()}), "utf-8")


def is_missing(directory: Path, days: int, now: datetime) -> bool:
    """Whether there is a past to make before the demo can go live."""
    known = until(directory)
    return days > 0 and (known is None or now - known >= SHORT_GAP)


def world_file(directory: Path) -> Path:
    """The state in which the made-up worlds ended; the live fleet goes on from there."""
    return directory / "world.json"


def _mark(directory: Path) -> Path:
    return directory / "past.json"
