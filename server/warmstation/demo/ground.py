"""What a demo stands on when it goes live: places in the registry and a made-up past."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from warmstation.demo import lived
from warmstation.demo.options import Options
from warmstation.errors import DemoError
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.parts import ordered
from warmstation_edge.simulator.plan import Fleet
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_server.config import Config, check


def fleet_of(options: Options) -> Fleet:
    """The stations that are asked for; BadFleet or BadFault where they cannot be shown."""
    fleet = load(options.fleet)
    fleet = fleet.first(options.stations) if options.stations else fleet
    ordered(fleet, options.faults)
    return fleet


def prepared(options: Options, file: Path, now: datetime, progress: Callable[[float], None]) -> int:
    """Register the fleet and make what is missing of its past; how many stations it has."""
    fleet = fleet_of(options)
    directory, config = options.directory, check(file)
    _register(fleet, directory, config, now, options.days)
    if lived.is_missing(directory, options.days, now):
        from warmstation.demo import past

        past.make(fleet, directory, config, options.days, now, progress)
    return len(fleet.stations)


def _register(fleet: Fleet, directory: Path, config: Config, now: datetime, days: int) -> None:
    """The fleet's places, imported like anybody's, with a ledger; nothing where they are in."""
    file, text = directory / "registry.toml", registry_toml(fleet)
    if file.exists() and file.read_text("utf-8") == text:
        return
    from warmstation.demo import ledger
    from warmstation_server.registry import Registry
    from warmstation_server.registry.imports import read

    new = file.with_name("registry.new.toml")
    new.write_text(text, "utf-8")
    with closing(Registry.open(config.registry_url)) as registry:
        outcome = registry.take(read(new).rows, strict=True)
        if outcome.refused:
            raise DemoError(f"the fleet {fleet.name} is refused: {outcome.refused[0]}")
        ledger.written(registry, now, days)
    new.replace(file)
