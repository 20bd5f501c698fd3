"""Shows what an import did, and writes what it refused to a file for correction."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from warmstation_server.cli.terminal import console
from warmstation_server.registry import BadFile, ImportOutcome
from warmstation_server.registry.judging import NO_REGION

_SHOWN = 50
"""Refused values in the terminal; the file has all of them."""


def show(outcome: ImportOutcome, warnings: list[str]) -> None:
    """Tables for people."""
    out = console()
    if outcome.refused:
        table = Table("where", "column", "value", "reason", title="Refused")
        for row in outcome.refused[:_SHOWN]:
            fault = row.fault
            cells = (str(row.raw.place), fault.column, fault.value, fault.reason)
            table.add_row(*(Text(cell) for cell in cells))
        out.print(table)
        if len(outcome.refused) > _SHOWN:
            typer.echo(f"... and {len(outcome.refused) - _SHOWN} more: --refused FILE has them all")
        if any(row.fault.reason == NO_REGION for row in outcome.refused):
            typer.echo("regions come by the same command: a table of id, name_zh, level, parent")
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    table = Table("", "added", "changed", "unchanged")
    for name, tally in (("regions", outcome.regions), ("stations", outcome.stations)):
        counts = (len(tally.added), len(tally.changed), len(tally.unchanged))
        table.add_row(name, *map(str, counts))
    out.print(table)
    said = "" if outcome.is_committed else "; nothing was written"
    rows = "1 row" if outcome.refused_rows == 1 else f"{outcome.refused_rows} rows"
    typer.echo(f"{rows} refused{said}")


def write_refused(path: Path, outcome: ImportOutcome) -> None:
    """The refused rows as they were, with their reasons, as CSV that spreadsheets open."""
    columns = dict.fromkeys(name for row in outcome.refused for name in row.raw.original)
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["where", "reason", *columns])
            for _, group in groupby(outcome.refused, key=lambda row: id(row.raw)):
                rows = list(group)
                original = rows[0].raw.original
                reasons = "; ".join(f"{row.fault.column}: {row.fault.reason}" for row in rows)
                cells = [original.get(name, "") for name in columns]
                writer.writerow([str(rows[0].raw.place), reasons, *cells])
    except OSError as error:
        raise BadFile(f"{path}: cannot be written: {error.strerror}") from None
