"""The `warmstation` command: server, demo and replay in one place.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from warmstation_wire import WarmstationError

if TYPE_CHECKING:
    from typer import Typer


def main() -> None:
    """Run the command line; every error of ours is one sentence on stderr."""
    gc.disable()  # nothing that is loaded now is ever garbage
    try:
        app = _app()
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing: the server's parts come with pip install "
            "'warmstation[server,edge,demo]'",
            file=sys.stderr,
        )
        sys.exit(1)
    gc.freeze()
    gc.enable()
    try:
        app()
    except WarmstationError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(1)


def _app() -> Typer:
    """All commands; the demo alone, which should be up before they are loaded."""
    if sys.argv[1:2] == ["demo"]:
        from warmstation.demo.command import alone

        return alone()
    from warmstation.commands import app

    return app


if __name__ == "__main__":
    main()
