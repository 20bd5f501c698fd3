"""The command `warmstation-agent`: what a Pi runs, and `simulate`, which runs anywhere.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

_LIBRARIES = {"gpiozero": "gpiozero", "colorzero": "gpiozero", "paho": "paho-mqtt"}
"""What the agent stands on, by the name that an import misses; the server needs none of it."""

_SPARED = {"PYTHONTZPATH": "/usr/share/zoneinfo", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""For a process that runs for years in little memory: zoneinfo, which pydantic imports, need not
read how this Python was built (0.7 MB), nor pydantic what else is installed to find plugins."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    try:
        given_words = sys.argv[1:] if arguments is None else arguments
        parser = _parser(given_words)
    except ModuleNotFoundError as error:
        library = _LIBRARIES.get((error.name or "").partition(".")[0])
        if library is None:
            raise
        print(f"{library} is missing: install warmstation[edge]", file=sys.stderr)
        return 1
    from warmstation_wire import WarmstationError  # pydantic comes with it: see _SPARED

    given = parser.parse_args(arguments)
    level = logging.DEBUG if given.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    try:
        code: int = given.command(given)
    except WarmstationError as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Only the command that is named is imported: `run` has no memory to spare for the others."""
    parser = argparse.ArgumentParser("warmstation-agent", description="The agent of one station.")
    parser.add_argument("--verbose", action="store_true", help="log more")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = next((word for word in given if not word.startswith("-")), None)
    for name in [named] if named in _COMMANDS else _COMMANDS:
        _COMMANDS[name](commands)
    return parser


def _add_run(commands: _Commands) -> None:
    for name, value in _SPARED.items():
        os.environ.setdefault(name, value)
    from warmstation_edge import run

    real = commands.add_parser("run", help="sample and report, until SIGTERM")
    run.add_arguments(real)
    real.set_defaults(command=run.run)


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
