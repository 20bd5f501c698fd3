"""The server's part of the `warmstation` command. `add_to` is called by whoever assembles it.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.
"""

from __future__ import annotations

import typer

from warmstation_server.cli import (
    audit,
    enrolment,
    figures,
    history,
    lives,
    notify,
    people,
    rules,
    stations,
)
from warmstation_server.cli.backup import backup, restore
from warmstation_server.cli.config import check_config
from warmstation_server.cli.dead_letters import dead_letters
from warmstation_server.cli.install import install
from warmstation_server.cli.status import status


def add_to(app: typer.Typer) -> None:
    """Put the server's commands into the main one."""
    enrolment.add_to(stations.app)
    lives.add_to(stations.app)
    app.add_typer(stations.app, name="station")
    app.add_typer(lives.regions, name="region")
    app.add_typer(enrolment.broker, name="broker")
    app.add_typer(people.app, name="user")
    app.add_typer(rules.app, name="rules")
    app.add_typer(notify.app, name="notify")
    app.add_typer(history.app, name="history")
    app.add_typer(audit.app, name="audit")
    app.command("status")(status)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("install")(install)
    app.command("check-config")(check_config)
    app.command("export")(figures.export)
    app.command("usage")(figures.usage)
    app.command("import-counts")(figures.import_counts)
    app.command("dead-letters")(dead_letters)
