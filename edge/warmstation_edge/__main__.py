"""The command `warmstation-agent`: what a Pi runs, and `simulate`, which runs anywhere.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from warmstation_edge.spared import spare
from warmstation_edge.version import VERSION

if TYPE_CHECKING:
    import argparse

_LIBRARIES = {"gpiozero": "gpiozero", "colorzero": "gpiozero", "paho": "paho-mqtt"}
"""What the agent stands on, by the name that an import misses; the server needs none of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        command = _straight(given) or _parsed(given)
    except ModuleNotFoundError as error:
        library = _LIBRARIES.get((error.name or "").partition(".")[0])
        if library is None:
            raise
        print(f"{library} is missing: install warmstation[edge]", file=sys.stderr)
        return 1
    from warmstation_wire import WarmstationError  # pydantic comes with it: see `spared`

    try:
        return command()
    except WarmstationError as error:
        print(error, file=sys.stderr)
        return 1


def _straight(given: Sequence[str]) -> Callable[[], int] | None:
    """The words of the unit, `run --config FILE`: read without argparse, which with what it needs
    would take 1.5 MB of an agent's memory for all its years."""
    if len(given) != 3 or list(given[:2]) != ["run", "--config"]:
        return None
    spare(os.environ)
    from warmstation_edge import run

    _log(logging.INFO)
    return partial(run.run, Path(given[2]))


def _parsed(given: Sequence[str]) -> Callable[[], int]:
    """Whatever else a person or a unit may say."""
    asked = _parser(given).parse_args(given)
    _log(logging.DEBUG if asked.verbose else logging.INFO)
    return partial(asked.command, asked)


def _log(level: int) -> None:
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Only the command that is named is imported: `run` has no memory to spare for the others."""
    import argparse

    named = next((word for word in given if not word.startswith("-")), None)
    parser = argparse.ArgumentParser("warmstation-agent", description="The agent of one station.")
    parser.add_argument("--version", action="version", version=f"warmstation-agent {VERSION}")
    parser.add_argument("--verbose", action="store_true", help="log more")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in [named] if named in _COMMANDS else _COMMANDS:
        _COMMANDS[name](commands)
    return parser


def _add_run(commands: _Commands) -> None:
    from warmstation_edge import run

    real = commands.add_parser("run", help="sample and report, until SIGTERM")
    real.add_argument("--config", type=Path, required=True, help="the station's profile (TOML)")
    real.set_defaults(command=lambda given: run.run(given.config))


def _add_enrol(commands: _Commands) -> None:
    from warmstation_edge.enrolment import command as enrolment

    first = commands.add_parser("enrol", help="get a certificate for a claim")
    enrolment.add_enrol_arguments(first)
    first.set_defaults(command=enrolment.enrol)


def _add_renew(commands: _Commands) -> None:
    from warmstation_edge.enrolment import command as enrolment

    further = commands.add_parser("renew", help="renew the certificate where it is time")
    enrolment.add_renew_arguments(further)
    further.set_defaults(command=enrolment.renew)


def _add_doctor(commands: _Commands) -> None:
    from warmstation_edge.doctor import command as doctor

    checked = commands.add_parser("doctor", help="check every wire, with you, and keep the record")
    doctor.add_arguments(checked)
    checked.set_defaults(command=doctor.run)


def _add_simulate(commands: _Commands) -> None:
    from warmstation_edge.simulator import command as simulate

    made_up = commands.add_parser("simulate", help="run simulated stations with real agents")
    simulate.add_arguments(made_up)
    made_up.set_defaults(command=simulate.run)


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_COMMANDS: Mapping[str | None, Callable[[_Commands], None]] = {
    "run": _add_run,
    "enrol": _add_enrol,
    "renew": _add_renew,
    "doctor": _add_doctor,
    "simulate": _add_simulate,
}


if __name__ == "__main__":
    sys.exit(main())
