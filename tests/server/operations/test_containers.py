"""compose.yaml and the Containerfile, as far as they can be judged without a container engine."""

from __future__ import annotations

import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.enrolled import deployment
from tests.support.firmware import run
from tests.support.guarded_broker import GuardedBroker
from tests.support.patience import eventually
from warmstation_server.config import check
from warmstation_server.enrolment.desk import Desk
from warmstation_server.operations.install import sample

FILES = Path(str(files("warmstation_server.operations"))) / "files"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def compose() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(sample("compose.yaml"))
    return table


def container_lines(word: str) -> list[str]:
    joined = sample("Containerfile").replace("\\\n", " ")
    return re.findall(rf"^{word} (.+)$", joined, re.MULTILINE)


def composed(text: str, folder: Path) -> tuple[int, str, str]:
    """What Debian's docker-compose makes of a file, checked against its schema. No engine needed.

    Debian 12 has one from 2021, which does not know `name` yet.
    """
    file = folder / "compose.yaml"
    file.write_text(re.sub(r"(?m)^name: \w+\n", "", text))
    (folder / "Caddyfile").touch()
    done = run("docker-compose", "-p", "warmstation", "-f", file, "config")
    return done.returncode, done.stdout, done.stderr


def test_compose_itself_takes_the_file(compose: dict[str, Any], tmp_path: Path) -> None:
    assert compose["name"] == "warmstation"
    code, said, wrong = composed(sample("compose.yaml"), tmp_path)
    assert code == 0, wrong
    read = yaml.safe_load(said)
    assert set(read["services"]) == {"server", "broker", "proxy"}
    assert read["services"]["server"]["environment"]["WARMSTATION_BROKER__CLIENT_ID"] == "_server"


@pytest.mark.parametrize(
    ("found", "instead"),
    [("restart: unless-stopped", "restart: [x]"), ("tmpfs: [/tmp]", "tmpsf: [/tmp]")],
)
def test_and_would_not_take_a_wrong_one(tmp_path: Path, found: str, instead: str) -> None:
    assert composed(sample("compose.yaml").replace(found, instead), tmp_path)[0] != 0


def test_every_volume_network_and_dependency_that_is_named_is_there(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    used: dict[str, set[str]] = {"volumes": set(), "networks": set()}
    for one in services.values():
        used["networks"] |= set(one["networks"])
        named = {mount.partition(":")[0] for mount in one["volumes"]}
        used["volumes"] |= {name for name in named if not name.startswith(".")}
        assert set(one.get("depends_on", ())) <= set(services)
    assert used["volumes"] == set(compose["volumes"])
    assert used["networks"] == set(compose["networks"])


def test_files_that_it_mounts_and_builds_from_are_there(compose: dict[str, Any]) -> None:
    build = compose["services"]["server"]["build"]
    context = (FILES / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).samefile(FILES / "Containerfile")
    mounts = (mount for one in compose["services"].values() for mount in one["volumes"])
    here = [mount.partition(":")[0] for mount in mounts if mount.startswith(".")]
    assert here
    assert all((FILES / name).is_file() for name in here)


def test_what_the_environment_says_is_a_configuration(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    server = compose["services"]["server"]
    environ = {key: re.sub(r"\$\{.*?\}", "h", it) for key, it in server["environment"].items()}
    file = tmp_path / "server.toml"
    written = re.search(
        r"printf '(.+?)\\n' > /etc/warmstation/server.toml", sample("Containerfile")
    )
    assert written is not None
    file.write_text(written[1])
    config = check(file, environ)
    assert (config.broker.host, config.broker.client_id) == ("broker", "_server")
    assert config.broker.host in compose["services"]
    assert config.log.format == "json"
    mounted = {mount.split(":")[1] for mount in server["volumes"]}
    assert str(config.data_dir) in mounted
    assert str(config.feed.directory) in mounted
    assert config.broker.ca_file is not None
    assert str(config.broker.ca_file.parent) in mounted


def test_the_broker_has_the_number_that_made_its_files(compose: dict[str, Any]) -> None:
    made = re.search(r"useradd --system --uid (\d+)", sample("Containerfile"))
    assert made is not None
    assert compose["services"]["broker"]["user"].split(":")[0] == made[1]


def test_only_what_stations_and_people_use_is_published(compose: dict[str, Any]) -> None:
    ports = {name: one.get("ports", []) for name, one in compose["services"].items()}
    assert ports == {"server": [], "broker": ["8883:8883"], "proxy": ["80:80", "443:443"]}


def test_the_image_runs_the_server_as_nobody_special_and_stops_it_in_order() -> None:
    assert container_lines("USER") == ["warmstation"]
    assert container_lines("STOPSIGNAL") == ["SIGTERM"]
    assert container_lines("ENTRYPOINT") == ['["warmstation"]']
    assert container_lines("CMD")[-1] == '["serve"]'
    assert all(":" in image.split()[0] for image in container_lines("FROM"))


@pytest.mark.broker
def test_the_brokers_container_follows_the_lists_and_stops_with_its_broker(tmp_path: Path) -> None:
    """Its command, run by the shell of its image (busybox), with its paths moved here."""
    command = yaml.safe_load(sample("compose.yaml"))["services"]["broker"]["command"]
    with deployment(tmp_path, "ks-a", "ks-b") as here:
        broker = GuardedBroker(tmp_path, here)
        here.desk = Desk(tmp_path / "authority", here.registry.enrolments, lists=broker.folder)
        text = command[2].replace("$$", "$").replace("/broker/", f"{broker.folder}/")
        words = ["/bin/busybox", "sh", "-c", text]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL, env={"PATH": _PATH}) as shell:
            try:
                eventually(lambda: broker.lets_in(broker.context("_server"), "_server"))
                station = broker.client("ks-a")
                assert station.publish("warmstation/v1/kunshan/ks-a/report")
                here.desk.revoke("ks-a", "stolen", here.now)
                eventually(lambda: not station.publish("warmstation/v1/kunshan/ks-a/report"))
                assert not broker.lets_in(broker.context("ks-a"), "ks-a")
                assert broker.lets_in(broker.context("ks-b"), "ks-b")
                station.close()
            finally:
                shell.terminate()
        assert shell.returncode == 0
        assert not broker.lets_in(broker.context("ks-b"), "ks-b"), "its broker has gone with it"


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
