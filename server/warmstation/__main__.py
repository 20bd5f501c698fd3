"""The `warmstation` command: server, demo and replay in one place.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typer import Typer

    from warmstation.demo.loading import LoadingServer

HELP = frozenset({"-h", "--help"})
_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS})
"""What no program of ours can mend: the disk is full, or there are no rights."""


def main() -> None:
    """Run the command line; every error of ours is one sentence on stderr."""
    gc.disable()  # nothing that is loaded now is ever garbage
    _open_streams()
    with _server() as server:
        _run(server)


def _run(server: LoadingServer | None) -> None:
    try:
        app = _app()
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing: the server's parts come with pip install "
            "'warmstation[server,edge,demo]'",
            file=sys.stderr,
        )
        sys.exit(1)
    from warmstation_wire import WarmstationError

    gc.freeze()
    gc.enable()
    try:
        app(obj=server)
    except WarmstationError as error:
        _end(" ".join(str(error).split()))
    except OSError as error:
        if error.errno not in _MACHINE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left is not written once more
        _end(f"{error.filename or 'standard output'}: {error.strerror}")


def _open_streams() -> None:
    """A closed one is nowhere; what a terminal's alphabet lacks is written as `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        else:
            stream.reconfigure(errors="replace")


def _end(sentence: str) -> NoReturn:
    """With the exit code of what failed."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def _is_demo() -> bool:
    return sys.argv[1:2] == ["demo"]


def _server() -> AbstractContextManager[LoadingServer | None]:
    """A demo's server, on its way before the demo's own commands are loaded."""
    if not _is_demo() or HELP.intersection(sys.argv):
        return nullcontext()
    from warmstation.demo.loading import LoadingServer

    return LoadingServer()


def _app() -> Typer:
    """All commands; the demo alone, which should be up before they are loaded."""
    if _is_demo():
        from warmstation.demo.command import alone

        return alone()
    from warmstation.commands import app

    return app


if __name__ == "__main__":
    main()
