"""`warmstation audit check`: one look, one sentence, one exit code."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.server.cli.test_dead_letters import run
from warmstation_server.accounts.audit import Entry
from warmstation_server.config import check
from warmstation_server.registry import Registry
from warmstation_server.registry.engine import engine_for, url_of

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text('data_dir = "data"\n', encoding="utf-8")
    with closing(Registry.open(check(path).registry_url)) as registry:
        for n in range(3):
            registry.audit.add(Entry(NOW, "wang", "step", f"x{n}"))
    return path


def test_a_seal_that_was_noted_is_found_again(config: Path) -> None:
    found = run("audit", "check", "--config", config)
    assert (found.exit_code, found.stdout.splitlines()[0][:8]) == (0, "3 lines,")
    noted = found.stdout.splitlines()[1]
    assert run("audit", "check", "--config", config, "--noted", noted).exit_code == 0
    other = f"2:{'0' * 64}"
    refused = run("audit", "check", "--config", config, "--noted", other, "--json")
    assert refused.exit_code == 1
    assert "line 2 has another seal" in json.loads(refused.stdout)["fault"]
    assert run("audit", "check", "--config", config, "--noted", "yesterday").exit_code == 2


def test_a_line_that_was_altered_is_named(config: Path) -> None:
    engine = engine_for(url_of(check(config).registry_url))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_log_no_update"))
        connection.execute(sa.text("UPDATE audit_log SET by = 'li' WHERE id = 2"))
    engine.dispose()
    found = run("audit", "check", "--config", config)
    assert found.exit_code == 1
    assert "line 2 was altered" in found.output
