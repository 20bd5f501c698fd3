"""One server, until SIGTERM: `warmstation serve`, and by itself for who starts one as a child.

`python -m warmstation.serving server.toml` loads no other command, which is half a second less;
without a file it loads, then reads from a line of its input what to serve and where to say it:
`{"config": "server.toml", "log": "server.log"}`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes its time


def serve(config: Path) -> None:
    """Serve by this file; WarmstationError with one sentence where it cannot."""
    _loaded()(config)


def _loaded() -> Callable[[Path], None]:
    """What serves by a file, with all that it needs."""
    gc.disable()  # nothing that is loaded now is ever garbage
    from warmstation_server import logs
    from warmstation_server.config import check
    from warmstation_server.serve import run
    from warmstation_server.withheld import secrets

    gc.freeze()
    gc.enable()

    def served(config: Path) -> None:
        found = check(config)
        logs.configure(found.log, secrets(found))
        run(found)

    return served


def main() -> None:
    """The child's whole life; an error of ours is one sentence on stderr and exit code 1."""
    gc.disable()
    from warmstation_wire import WarmstationError

    try:
        _serve_later() if len(sys.argv) == 1 else serve(Path(sys.argv[1]))
    except WarmstationError as error:
        sys.exit(" ".join(str(error).split()))


def _serve_later() -> None:
    try:
        served = _loaded()
    except ModuleNotFoundError as error:
        _told()  # before, nobody asked for it
        sys.exit(f"{error.name} is missing: pip install 'warmstation[server]'")
    served(_told())


def _told() -> Path:
    """The file to serve by, once somebody knows; the end where nobody ever will."""
    line = sys.stdin.readline()
    if not line:
        sys.exit()
    told = json.loads(line)
    with Path(told["log"]).open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    return Path(told["config"])


if __name__ == "__main__":
    main()
