"""`warmstation serve`: one server, until SIGTERM."""

from __future__ import annotations

import logging

from warmstation_server.cli.terminal import DEFAULT_CONFIG, ConfigPath


def serve(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Take in reports, store them, publish what the stations are like."""
    from warmstation_server.config import check
    from warmstation_server.serve import run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(check(config))
