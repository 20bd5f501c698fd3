"""`serve --prepare` on a real InfluxDB 2, and a server that works with no more than its token."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.server.history.reports import busy
from tests.support import influx
from warmstation.commands import app
from warmstation_server.config import Config, check
from warmstation_server.errors import BadConfig
from warmstation_server.history import assembly
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_means import HOURLY

CONFIG = """
data_dir = "{folder}"
[history]
storage = "influx"
retention_days = {days}
url = "{url}"
org = "{org}"
bucket = "{name}"
kept_bucket = "{name}-kept"
token_file = "token"
"""


def written(folder: Path, name: str, days: int = 90) -> Path:
    where = influx.place()
    path = folder / "server.toml"
    path.write_text(
        CONFIG.format(folder=folder, url=where.url, org=where.org, name=name, days=days)
    )
    return path


@pytest.fixture
def name() -> Iterator[str]:
    """A name for buckets and task, that are gone afterwards."""
    found = f"try-{uuid.uuid4().hex[:10]}"
    yield found
    with closing(influx.Api(influx.place())) as api:
        for task in api.find("tasks", name=f"{found}-hourly"):
            api.drop_task(str(task["id"]))
        for bucket in (found, f"{found}-kept"):
            for one in api.find("buckets", name=bucket):
                api.drop_bucket(str(one["id"]))


def prepare(path: Path, token: str | None) -> str:
    said = CliRunner().invoke(
        app,
        ["serve", "--prepare", "--config", str(path)],
        env={} if token is None else {"WARMSTATION_HISTORY__TOKEN": token},
    )
    assert said.exit_code == 0, said.output
    return said.output


def test_prepared_once_it_works_with_the_least_of_rights(tmp_path: Path, name: str) -> None:
    path, owner = written(tmp_path, name), influx.place().token
    with pytest.raises(HistoryAway, match="could not find bucket"):
        assembly.reach(check(path, {"WARMSTATION_HISTORY__TOKEN": owner}))
    assert prepare(path, owner).count("made") == 4
    assembly.reach(check(path, {}))
    assert "made" not in prepare(path, owner)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    config = check(path, {})
    with closing(assembly.opened(config, assembly.UNASKED)) as history:
        now = datetime.now(UTC)
        sent = [busy(seq).report.model_copy(update={"measured_at": now}) for seq in range(1, 6)]
        received = [type(busy(1))(report, "kunshan", now) for report in sent]
        assert list(history.append(received)) == received
        assert history.expire(now - timedelta(days=90)) == 0
        assert len(list(history.reports("ks-songnan", now, now + timedelta(seconds=1)))) == 5
        old = busy(6).report.model_copy(update={"measured_at": now - timedelta(days=91)})
        assert len(history.append([type(received[0])(old, "kunshan", now)])) == 1
    with pytest.raises(HistoryAway, match="sufficient permission"):
        list(assembly.prepared(other_buckets(config)))


def other_buckets(config: Config) -> Config:
    history = config.history.model_copy(update={"bucket": "not-ours", "kept_bucket": "nor-this"})
    return config.model_copy(update={"history": history})


def test_another_retention_is_brought_to_the_bucket(tmp_path: Path, name: str) -> None:
    owner = influx.place().token
    prepare(written(tmp_path, name), owner)
    said = prepare(written(tmp_path, name, days=30), owner)
    assert f"bucket {name}: changed, keeps for 32 days now" in said
    with closing(influx.Api(influx.place())) as api:
        (task,) = api.find("tasks", name=f"{name}-hourly")
        assert HOURLY in str(task["flux"])
        assert task["status"] == "active"


def test_without_an_operators_token_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    path.write_text(
        f'data_dir = "{tmp_path}"\n[history]\nstorage = "influx"\nurl = "http://127.0.0.1:1"\n'
        'org = "o"\ntoken_file = "token"\n'
    )
    said = CliRunner().invoke(app, ["serve", "--prepare", "--config", str(path)])
    assert said.exit_code == 1
    assert "WARMSTATION_HISTORY__TOKEN must be a token" in said.output + said.stderr


def test_the_task_keeps_the_mean_of_each_whole_hour(tmp_path: Path, name: str) -> None:
    config = check(written(tmp_path, name), {})
    prepare(tmp_path / "server.toml", influx.place().token)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    with closing(assembly.opened(config, assembly.UNASKED)) as history:
        for minute, room_c in ((0, 17.0), (30, 19.0), (59, 21.0), (60, 25.0)):
            at = hour + timedelta(minutes=minute)
            one = busy(minute + 1).report
            climate = one.climate.model_copy(update={"room_c": room_c})  # type: ignore[union-attr]
            told = one.model_copy(update={"measured_at": at, "climate": climate})
            history.append([type(busy(1))(told, "kunshan", at)])
    with closing(influx.Api(influx.place())) as api:
        (task,) = api.find("tasks", name=f"{name}-hourly")
        assert api.run_task(str(task["id"])) == "success"
    with closing(Door(influx.place())) as door:
        rows = list(door.rows(_MEANS, {"bucket": f"{name}-kept", "measurement": HOURLY}))
    found = {datetime.fromisoformat(row["_time"]): float(row["_value"]) for row in rows}
    assert found == {hour: 19.0, hour + timedelta(hours=1): 25.0}
    assert {(row["district"], row["station"]) for row in rows} == {("kunshan", "ks-songnan")}


_MEANS = """from(bucket: bucket)
  |> range(start: -1d)
  |> filter(fn: (r) => r._measurement == measurement and r._field == "room_c")"""


def test_sqlite_needs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    path.write_text(f'data_dir = "{tmp_path}"')
    assert "needs nothing" in prepare(path, None)


def test_an_influxdb_to_copy_to_is_prepared_while_the_server_has_its_file(
    tmp_path: Path, name: str
) -> None:
    path = written(tmp_path, name)
    path.write_text(path.read_text().replace('storage = "influx"', 'storage = "sqlite"'))
    said = prepare(path, influx.place().token)
    assert "needs nothing" in said
    assert f"bucket {name}: made" in said
    assert (tmp_path / "token").exists()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('storage = "influx"', "needs url and org"),
        ('storage = "influx"\nurl = "http://x"\norg = "o"', "needs token_file"),
        ('token = "secret"', "no secret belongs in this file"),
        ('url = "influx.example"', "history.url"),
        ('bucket = "a"\nkept_bucket = "a"', "two buckets"),
        ('bucket = "a\\"b"', "history.bucket"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "server.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[history]\n{table}\n')
    with pytest.raises(BadConfig, match=said):
        check(path, {})


def test_a_running_deployment_is_moved_by_the_command(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    prepare(path, influx.place().token)
    config = check(path, {})
    sqlite = config.model_copy(
        update={"history": config.history.model_copy(update={"storage": "sqlite"})}
    )
    command = ["history", "copy", "--from", "sqlite", "--to", "influx", "--config", str(path)]
    now = datetime.now(UTC)
    with closing(assembly.opened(sqlite, assembly.UNASKED)) as running:
        report = busy(1).report.model_copy(update={"measured_at": now})
        running.append([type(busy(1))(report, "kunshan", now)])
        first = CliRunner().invoke(app, command)
        assert first.exit_code == 0, first.output
        assert "1 stations were copied now" in first.output
    again = CliRunner().invoke(app, command)
    assert "1 reports of 1 stations are the same in influx; 0 stations" in again.output
    with closing(Door(influx.place())) as door:
        rows = list(door.rows(_MEANS, {"bucket": f"{name}-kept", "measurement": HOURLY}))
    assert [float(row["_value"]) for row in rows] == [17.7], "what is moved has its hourly means"
