"""`warmstation diagnose`: what is wrong with the heat, from a recording.

The command line's root registers `diagnose` as a command; nothing else calls it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.errors import BadRecording, DiagnosisError
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.recording import (
    Oddities,
    in_order,
    samples,
    usual_step_s,
)
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.single import Surprise, surprises
from warmstation_server.diagnosis.station import Diagnosis

_DAY_S = 86400.0
_LONGEST_S = 3600.0  # between two rows; of a slower recording nothing can be said


def diagnose(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV recording")],
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="JSON: setpoint, kind, ...")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON line an alarm")] = False,
    single: Annotated[
        bool, typer.Option("--single", help="one unnamed sensor: CSV timestamp,value")
    ] = False,
) -> None:
    """Tell what is wrong with a station's heat, from its recording."""
    try:
        if single:
            _print_surprises(file, as_json=as_json)
        else:
            _print_findings(file, config, as_json=as_json)
    except DiagnosisError as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from error


def _print_findings(file: Path, config: Path | None, *, as_json: bool) -> None:
    finding, oddities = None, Oddities()
    for finding in _findings(file, _heating(config), oddities):
        line = finding.as_json()
        if as_json:
            typer.echo(json.dumps(line, ensure_ascii=False))
        else:
            advice = line["advice"]
            typer.echo(f"{finding.at_s:>12.0f} s  {finding.severity:<8} {finding.cause:<15}")
            typer.echo(f"              {advice['zh']}\n              {advice['en']}")
    if finding is None and oddities.rooms and not as_json:
        typer.echo("nothing is wrong")


def _findings(file: Path, heating: HeatingConfig, oddities: Oddities) -> Iterator[Finding]:
    """Findings, and on standard error what of the recording was passed over."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        recorded = list(samples(lines, oddities))
    if not recorded:
        raise BadRecording("line 2: no row follows the names of the columns")
    ordered = in_order(recorded)
    if ordered is not recorded:
        oddities.repeats = 0
    diagnosis = Diagnosis(_paced(heating, usual_step_s(ordered)))
    origin_s = _origin_s(ordered)
    for sample in ordered:
        if origin_s:
            sample.at_s -= origin_s
        for found in diagnosis.after(sample):
            yield replace(found, at_s=found.at_s + origin_s, since_s=found.since_s + origin_s)
    for sentence in oddities.sentences():
        typer.echo(f"{file}: {sentence}", err=True)


def _origin_s(recorded: Sequence[Sample]) -> float:
    """The midnight before the first of times that are counted towards a later moment; else 0."""
    return min(0.0, min(sample.at_s for sample in recorded) // _DAY_S * _DAY_S)


def _paced(heating: HeatingConfig, step_s: float | None) -> HeatingConfig:
    """With the recording's own step where it is another than the configuration says: or every
    row of a slow recording would come after a gap."""
    if step_s is None or 1.0 / 1.5 < step_s / heating.interval_s < 1.5:
        return heating
    if step_s > _LONGEST_S:
        raise BadRecording(f"time_s: steps of {step_s:g}; seconds are needed, an hour at most")
    typer.echo(f"the recording's step is {step_s:g} s, not {heating.interval_s:g} s", err=True)
    return replace(heating, interval_s=max(1.0, step_s))


def _heating(config: Path | None) -> HeatingConfig:
    if config is None:
        return HeatingConfig()
    try:
        values = json.loads(config.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        typer.echo(f"{config}: not JSON: {error}", err=True)
        raise typer.Exit(1) from error
    if not isinstance(values, dict):
        typer.echo(f"{config}: a JSON object is needed", err=True)
        raise typer.Exit(1)
    try:
        return HeatingConfig.of(values)
    except DiagnosisError as error:
        typer.echo(f"{config}: {error}", err=True)
        raise typer.Exit(1) from error


def _print_surprises(file: Path, *, as_json: bool) -> None:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for surprise in surprises(lines):
            typer.echo(_line(surprise, as_json=as_json))


def _line(surprise: Surprise, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(surprise.as_json(), ensure_ascii=False)
    return f"{surprise.label}  {surprise.cause}  score {surprise.score:.2f}"
