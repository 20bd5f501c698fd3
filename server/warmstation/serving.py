"""One server, until SIGTERM: `warmstation serve`, and by itself for who starts one as a child.

`python -m warmstation.serving server.toml` loads no other command, which is half a second less.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from warmstation_wire import WarmstationError


def serve(config: Path) -> None:
    """Serve by this file; WarmstationError with one sentence where it cannot."""
    gc.disable()  # nothing that is loaded now is ever garbage
    from warmstation_server import logs, precheck
    from warmstation_server.config import check
    from warmstation_server.serve import run

    gc.freeze()
    gc.enable()
    found = check(config)
    logs.configure(found.log, precheck.secrets(found))
    run(found)


def main() -> None:
    """The child's whole life; an error of ours is one sentence on stderr and exit code 1."""
    try:
        serve(Path(sys.argv[1]))
    except WarmstationError as error:
        sys.exit(" ".join(str(error).split()))


if __name__ == "__main__":
    main()
