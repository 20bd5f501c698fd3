"""Commands of a deployment whose history is in InfluxDB, beside its server and without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.influx_fake import FakeInflux, fake_influx
from tests.support.places import REGIONS, station
from warmstation.commands import app
from warmstation_server import claim
from warmstation_server.config import check
from warmstation_server.registry import Registry

CONFIG = """
data_dir = "data"
[history]
storage = "influx"
url = "{url}"
org = "{org}"
token_file = "token"
"""


@pytest.fixture
def influx() -> Iterator[FakeInflux]:
    with fake_influx() as found:
        yield found


@pytest.fixture
def toml(influx: FakeInflux, tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text(CONFIG.format(url=influx.place.url, org=influx.place.org))
    (tmp_path / "token").write_text(influx.place.token)
    (tmp_path / "data").mkdir()
    with closing(Registry.open(check(path, {}).registry_url)) as registry:
        registry.put(REGIONS, [station()])
    return path


def run(*words: str) -> tuple[str, str]:
    said = CliRunner().invoke(app, [*words])
    assert said.exit_code == 0, said.output
    return said.stdout, said.stderr


def test_figures_are_counted_by_a_running_server_alone(influx: FakeInflux, toml: Path) -> None:
    with claim.data_dir(check(toml, {}).data_dir):
        _, told = run("usage", "--json", "--config", str(toml))
    assert "the server is running: figures are as fresh as it counted them" in told
    assert influx.questions == 0
    _, told = run("usage", "--json", "--config", str(toml))
    assert "running" not in told
    assert influx.questions > 0


def test_a_backup_says_what_it_leaves_out(toml: Path, tmp_path: Path) -> None:
    _, told = run("backup", str(tmp_path / "b.tar"), "--config", str(toml))
    assert "buckets warmstation and warmstation-kept" in told
    assert "influx backup" in told
    _, told = run("backup", "--check", str(tmp_path / "b.tar"), "--config", str(toml))
    assert told == ""
