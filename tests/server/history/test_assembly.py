"""What a copy of a running deployment reads, and what it leaves behind."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.server.history.reports import busy
from warmstation_server.config import Config, check
from warmstation_server.errors import DataDirInUse
from warmstation_server.history import assembly


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "server.toml"
    file.write_text('data_dir = "data"\n')
    (tmp_path / "data").mkdir()
    return check(file, {})


def test_a_copy_reads_beside_the_server_and_clears_up_what_a_killed_one_left(
    config: Config,
) -> None:
    left = config.data_dir / ".copying" / "history.db"
    left.parent.mkdir()
    left.write_text("half of a copy")
    with closing(assembly.opened(config, assembly.UNASKED)) as running:
        running.append([busy(1)])
        with assembly.to_copy(config, "sqlite", assembly.UNASKED) as source:
            running.append([busy(2)])
            assert [one.report.seq for one in source.latest()] == [1]
    assert not left.parent.exists()


def test_two_copies_at_once_are_one_too_many(config: Config) -> None:
    with (
        closing(assembly.opened(config, assembly.UNASKED)),
        assembly.to_copy(config, "sqlite", assembly.UNASKED),
        pytest.raises(DataDirInUse),
        assembly.to_copy(config, "sqlite", assembly.UNASKED),
    ):
        pass
