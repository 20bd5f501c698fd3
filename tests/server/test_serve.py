"""The whole server against a real broker: up, fed, asked, stopped, restarted."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.migrated import migrated
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, Stopwatch
from tests.support.ports import free_port
from tests.support.registered import FixedPlaces, report, station
from warmstation_server.config import Config, parse
from warmstation_server.dead_letters import DeadLetters
from warmstation_server.errors import BadDataDir, DataDirInUse, PortInUse
from warmstation_server.registry import Registry
from warmstation_server.serve import AT_LATEST_S, serve
from warmstation_wire import Receipt, StationStatus, decode

pytestmark = pytest.mark.broker
BASE = "warmstation/v1/kunshan/ks-songnan"


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that other threads bring about."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        threading.Event().wait(0.02)


class Listener:
    """A plain client that publishes as a station and hears everything."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("warmstation/#", 1)
        self._client.on_message = lambda _c, _d, m: self.heard.append((m.topic, bytes(m.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def say(self, leaf: str, payload: bytes) -> None:
        self._client.publish(f"{BASE}/{leaf}", payload, qos=1).wait_for_publish(PATIENCE_S)

    def receipts(self) -> list[Receipt]:
        heard = list(self.heard)
        return [decode(Receipt, payload) for topic, payload in heard if topic.endswith("/receipt")]

    def status(self) -> StationStatus | None:
        found = [payload for topic, payload in list(self.heard) if topic == f"{BASE}/status"]
        return decode(StationStatus, found[-1]) if found else None

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as found:
        yield found


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    with closing(Listener(broker.port)) as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, broker: Mosquitto) -> Config:
    table = {
        "data_dir": "data",
        "broker": {"port": broker.port},
        "http": {"port": free_port()},
        "feed": {"directory": "feed"},
    }
    config = parse(table, "server.toml", tmp_path)
    with closing(Registry.open(migrated(config.data_dir / "registry.db"))) as registry:
        places = FixedPlaces(station())
        registry.put(places.regions(), places.stations())
    return config


@contextmanager
def running(config: Config) -> Iterator[None]:
    """A server in a thread; stopped afterwards, in less than five seconds of an idle machine."""
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(config, stop), name="serve")
    thread.start()
    try:
        until(lambda: fetch(config, "/readyz") == b"ready\n", "a server that is ready")
        yield
    finally:
        stop.set()
        with Stopwatch() as stopwatch:
            thread.join(PATIENCE_S)
    assert stopwatch.seconds < 5


def fetch(config: Config, path: str) -> bytes:
    try:
        with urllib.request.urlopen(config.base_url + path, timeout=PATIENCE_S) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def feed_status(config: Config) -> dict[str, Any]:
    document = json.loads(fetch(config, "/feed/v1/station_status.json"))
    found: dict[str, Any] = document["data"]["stations"][0]
    return found


def warm(seq: int, room_c: float) -> bytes:
    return report(seq, datetime.now(UTC), climate={"room_c": room_c}).to_json()


def test_a_report_reaches_history_station_feed_and_everyone(
    config: Config, listener: Listener
) -> None:
    with running(config):
        assert feed_status(config)["data_state"] == "never"
        listener.say("report", warm(1, 19.5))
        until(lambda: listener.receipts() == [Receipt.of("9f3c", [1])], "the receipt")
        until(lambda: feed_status(config)["data_state"] == "live", "the feed")
        assert feed_status(config)["indoor_temperature_c"] == 19.5
        until(lambda: (s := listener.status()) is not None and s.data_state == "live", "status")
        assert b'warmstation_messages_total{outcome="stored"} 1.0' in fetch(config, "/metrics")
        until((config.feed.directory or Path()).joinpath("feed/v1/feed.json").exists, "the file")


def test_after_a_restart_the_feed_is_right_at_once(config: Config, listener: Listener) -> None:
    with running(config):
        listener.say("report", warm(1, 19.5))
        until(lambda: bool(listener.receipts()), "the receipt")
    with running(config):
        assert feed_status(config)["data_state"] == "live"
        assert feed_status(config)["indoor_temperature_c"] == 19.5


def test_what_came_while_the_server_was_away_is_stored_when_it_is_back(
    config: Config, listener: Listener
) -> None:
    with running(config):
        pass
    for seq in range(1, 201):
        listener.say("report", warm(seq, 19.5))
    with running(config):
        until(lambda: receipted(listener) == set(range(1, 201)), "200 receipts")


def receipted(listener: Listener) -> set[int]:
    bounds = (bound for receipt in listener.receipts() for bound in receipt.bounds())
    return {seq for first, last in bounds for seq in range(first, last + 1)}


def test_a_broker_that_dies_and_forgets_is_found_again(
    config: Config, listener: Listener, broker: Mosquitto
) -> None:
    with running(config):
        broker.kill()
        broker.forget()
        until(lambda: fetch(config, "/readyz") != b"ready\n", "the loss to be noticed")
        broker.start()
        until(lambda: fetch(config, "/readyz") == b"ready\n", "the broker to be found")
        listener.heard.clear()
        until(lambda: listener.status() is not None, "its retained status")


def test_a_refused_message_is_a_dead_letter(config: Config, listener: Listener) -> None:
    with running(config):
        listener.say("report", b"{")
        until(lambda: b'outcome="not_json"} 1.0' in fetch(config, "/metrics"), "the count")
    with closing(DeadLetters.open(config.dead_letters_path)) as letters:
        assert [one.payload for one in letters.newest()] == [b"{"]


def test_a_second_server_on_the_same_data_is_one_sentence(config: Config) -> None:
    with running(config):
        other = config.model_copy(
            update={"http": config.http.model_copy(update={"port": free_port()})}
        )
        with pytest.raises(DataDirInUse, match="another server works on this data directory"):
            serve(other, threading.Event())


def test_a_port_in_use_is_one_sentence(config: Config, broker: Mosquitto) -> None:
    taken = config.model_copy(update={"http": config.http.model_copy(update={"port": broker.port})})
    with pytest.raises(PortInUse, match=f"port {broker.port}"):
        serve(taken, threading.Event())


def test_a_data_directory_that_is_a_file_is_one_sentence(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadDataDir, match="no directory that can be written"):
        serve(config.model_copy(update={"data_dir": file}), threading.Event())


def launched(config: Config, folder: Path, before: str = "", more: str = "") -> Any:
    """A server as a process; `before`: Python that it runs first."""
    program = (
        "import sys; from pathlib import Path\n"
        "from warmstation_server import serve\n"
        "from warmstation_server.config import check\n"
        f"{before}\nserve.run(check(Path(sys.argv[1])))\n"
    )
    file = folder / "server.toml"
    file.write_text(
        f'data_dir = "data"\n[broker]\nport = {config.broker.port}\n'
        f"[http]\nport = {config.http.port}\n{more}",
        encoding="utf-8",
    )
    return subprocess.Popen([sys.executable, "-c", program, str(file)], stderr=subprocess.PIPE)


def test_a_start_that_hangs_is_ended_by_a_signal_all_the_same(
    config: Config, tmp_path: Path
) -> None:
    assert AT_LATEST_S < 5
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE_S)
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        more = f'[registry]\nurl = "{url}"\n'
        process = launched(config, tmp_path, "serve.AT_LATEST_S = 0.2", more)
        held, _ = silent.accept()  # it waits for the database's first word
        with held:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert b"not all has ended" in said


def test_a_thread_that_does_not_end_holds_nobody_up(config: Config, tmp_path: Path) -> None:
    stuck = (
        "from warmstation_server.chores import Chores\nimport threading\n"
        "Chores.run = lambda self, stop: threading.Event().wait()\n"
        "serve.OTHERS_S = 0.2"
    )
    process = launched(config, tmp_path, stuck)
    try:
        until(lambda: fetch(config, "/readyz") == b"ready\n", "a server that is ready")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        assert b"not waited for at the end: chores" in said
    finally:
        process.kill()
        process.wait()


def test_a_signal_ends_the_process_in_order_and_soon(config: Config, tmp_path: Path) -> None:
    process = launched(config, tmp_path)
    try:
        until(lambda: fetch(config, "/readyz") == b"ready\n", "a server that is ready")
        with Stopwatch() as stopwatch:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        assert stopwatch.seconds < 5
    finally:
        process.kill()
        process.wait()
