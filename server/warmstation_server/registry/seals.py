"""Seals of the audit log: the hash of a line and of the seal before it. Pure.

Whoever noted a line's seal can tell later whether that line, or any before it, was altered, removed
or put in between: the database's own refusal can be taken away by whoever has its password. Never
change what is hashed: seals that people have noted are of these very texts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Seal:
    """Of one line, by its number, and so of all before it."""

    number: int
    seal: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many lines were looked at, the newest seal, and the first thing that is wrong."""

    lines: int
    newest: Seal | None
    fault: str | None = None


def seal_of(before: str, line: Any) -> str:
    """`before`: the seal of the line before, "" for the first. `line`: a row of the log."""
    at: datetime = line.at
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    said = [before, line.id, at.isoformat(timespec="microseconds"), line.by, line.action]
    said += [line.subject, line.places, line.before, line.after]
    text = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
