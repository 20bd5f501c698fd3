"""Processes that die where they are told to, forked from one that has read a server from the disk.

To read it takes ten times as long as what one of them does. `nursery("tests.support.x_process")` is
the near end; the module gives its `main` to `forked` where it is run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from typing import Any

from warmstation_server.registry import Registry

DIED = 9
_ROOT = Path(__file__).parents[2]


class Nursery:
    """One process after another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._asked, self._answered = process.stdin, process.stdout

    def start(self, *order: object) -> int:
        """The id of a process that does `main(*order)`; values as JSON has them."""
        print(json.dumps(order), file=self._asked, flush=True)
        return int(self._answered.readline())

    def ended(self) -> int:
        """How the last one did, when it has."""
        return int(self._answered.readline())


@contextmanager
def nursery(module: str) -> Iterator[Nursery]:
    """The processes of a module."""
    command = (sys.executable, "-m", module)
    with subprocess.Popen(command, cwd=_ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield Nursery(process)


def forked(main: Callable[..., Any]) -> None:
    """A process for each line of the input: says its id, then how it ended."""
    with TemporaryDirectory() as directory:  # reads from the disk what every child needs
        Registry.open(Path(directory) / "r.db").close()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            main(*json.loads(line))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def dies_at(point: str) -> Callable[[str], None]:
    """Ends the process at once where it passes this point."""

    def passed(here: str) -> None:
        if here == point:
            os._exit(DIED)

    return passed
