"""The `warmstation` command: server, demo and replay in one place.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import sys

from warmstation_wire import WarmstationError


def main() -> None:
    """Run the command line; every error of ours is one sentence on stderr."""
    try:
        from warmstation.commands import app
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing: the server's parts come with pip install "
            "'warmstation[server,edge,demo]'",
            file=sys.stderr,
        )
        sys.exit(1)
    try:
        app()
    except WarmstationError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
