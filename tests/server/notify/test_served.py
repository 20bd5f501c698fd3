from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.migrated import migrated
from tests.support.mosquitto import Mosquitto
from tests.support.notices import notice
from tests.support.patience import PATIENCE_S, eventually
from tests.support.ports import free_port
from tests.support.registered import FixedPlaces, station
from tests.support.vendors import Vendor, silent, vendor
from warmstation_server.config import Config, parse
from warmstation_server.errors import BadConfig
from warmstation_server.notify.http import Http
from warmstation_server.registry import Registry
from warmstation_server.serve import serve

pytestmark = pytest.mark.broker
NOTIFY = """
[channels.chat]
type = "wecom"
url_file = "chat-url"

[[routes]]
recipient = "Qiandeng"
tier = "community"
channels = ["chat"]
"""


@pytest.fixture
def bot() -> Iterator[Vendor]:
    with vendor() as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, bot: Vendor) -> Iterator[Config]:
    (tmp_path / "notify.toml").write_text(NOTIFY)
    (tmp_path / "chat-url").write_text(bot.url)
    with Mosquitto(tmp_path) as broker:
        table: dict[str, Any] = {
            "data_dir": "data",
            "broker": {"port": broker.port},
            "http": {"port": free_port()},
            "notify": {"file": "notify.toml"},
        }
        config = parse(table, "server.toml", tmp_path)
        with closing(Registry.open(migrated(config.data_dir / "registry.db"))) as registry:
            places = FixedPlaces(station(is_simulated=True))
            registry.put(places.regions(), places.stations())
        yield config


@contextmanager
def running(config: Config) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(config, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def said(config: Config) -> None:
    """A transition of an alert, committed by somebody else."""
    now = datetime.now(UTC)
    with closing(Registry.open(config.registry_url)) as registry:
        told = notice(1, station="ks-songnan", severity="critical", at=now, region_id="qiandeng")
        registry.notifications.add([told])


def test_a_notice_reaches_its_people_while_the_server_runs(config: Config, bot: Vendor) -> None:
    with running(config):
        said(config)
        eventually(lambda: bot.asked)
        text = bot.asked[0].json()["markdown"]["content"]
        assert "【模拟】" in text
        assert f"{config.base_url}/manage/alerts/a1" in text

        def metrics() -> bytes:
            with urllib.request.urlopen(f"{config.base_url}/metrics", timeout=PATIENCE_S) as answer:
                return bytes(answer.read())

        line = b'warmstation_notifications_total{outcome="delivered"} 1.0'
        eventually(lambda: line in metrics())


def test_a_vendor_that_does_not_answer_holds_up_no_stop(
    config: Config, bot: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partial(Http, deadline_s=10 * PATIENCE_S)  # a stop that waits for it is seen
    monkeypatch.setattr("warmstation_server.notify.assembly.Http", patient)
    bot.then(silent)
    with running(config):
        said(config)
        eventually(lambda: bot.asked)


def test_a_mistake_in_notify_toml_is_one_sentence(config: Config, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text(NOTIFY.replace("wecom", "weixin"))
    with pytest.raises(BadConfig, match=r"notify.toml: channels.chat: type must be wecom"):
        serve(config, threading.Event())
