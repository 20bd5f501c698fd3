"""The intake's connection to a real broker: secured, flooded, left and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.certificates import make_certificates
from tests.support.clocks import FakeClock
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from tests.support.ports import free_port
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Intake, Message
from warmstation_server.intake.apart import IntakeApart
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_server.intake.orders import Orders
from warmstation_server.intake.packets import Outgoing

pytestmark = pytest.mark.broker
BASE = "warmstation/v1/kunshan/ks-songnan"
MANY = 5_000


Makes = Callable[[BrokerConfig, int], Intake]


@pytest.fixture(params=[0, 2], ids=["within", "apart"])
def makes(request: pytest.FixtureRequest) -> Makes:
    """All ways to take in must do the same."""
    processes: int = request.param
    if processes:
        return lambda broker, queue: IntakeApart(Orders(broker, queue, processes))
    return _within


@contextmanager
def running(makes: Makes, broker: BrokerConfig, queue: int = 20_000) -> Iterator[Intake]:
    intake = makes(broker, queue)
    try:
        intake.start()
        eventually(lambda: intake.is_connected)
        yield intake
    finally:
        intake.close(timedelta(seconds=PATIENCE_S))


@contextmanager
def station(port: int) -> Iterator[paho.Client]:
    """A client that publishes, and hears what is published to stations."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(0)
    client.username_pw_set("ks-songnan", "secret")
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def say(port: int, count: int) -> None:
    """Publish `count` numbered reports, all of them at the broker on return."""
    with station(port) as client:
        said = [client.publish(f"{BASE}/report", _numbered(n), qos=1) for n in range(count)]
        for one in said:
            one.wait_for_publish(PATIENCE_S)


def taken(intake: Intake, count: int, at_once: int = 20_000) -> list[Message]:
    found: list[Message] = []
    eventually(
        lambda: len(found) >= count,
        20,
        lambda: found.extend(intake.take(at_once, timedelta(milliseconds=50))),
    )
    return found


def _within(broker: BrokerConfig, queue: int) -> Intake:
    return MqttIntake(broker, queue, FakeClock())


def _numbered(number: int) -> bytes:
    return b"%d " % number + b"x" * 600


def test_over_tls_with_name_and_password_much_goes_both_ways(makes: Makes, tmp_path: Path) -> None:
    make_certificates(tmp_path, "localhost")
    secured, plain = free_port(), free_port()
    tls = "\n".join(
        (
            f"listener {secured} 127.0.0.1",
            f"cafile {tmp_path / 'ca.crt'}",
            f"certfile {tmp_path / 'localhost.crt'}",
            f"keyfile {tmp_path / 'localhost.key'}",
        )
    )
    (tmp_path / "password").write_text("pässword\n", "utf-8")
    users = {"server": "pässword", "ks-songnan": "secret"}
    config = BrokerConfig(
        host="localhost",
        port=secured,
        username="server",
        password_file=tmp_path / "password",
        ca_file=tmp_path / "ca.crt",
    )
    heard: list[bytes] = []
    with (
        Mosquitto(tmp_path, port=plain, users=users, extra=tls),
        running(makes, config) as intake,
        station(plain) as client,
    ):
        client.on_message = lambda _c, _d, message: heard.append(bytes(message.payload))
        client.subscribe(f"{BASE}/receipt", 1)
        say(plain, MANY)
        messages = taken(intake, MANY)
        assert [one.payload for one in messages] == [_numbered(n) for n in range(MANY)]
        intake.acknowledge(messages)
        assert intake.publish([Outgoing(f"{BASE}/receipt", _numbered(n)) for n in range(MANY)])
        eventually(lambda: len(heard) == MANY)
        assert heard == [_numbered(n) for n in range(MANY)]


def test_a_certificate_of_another_authority_is_refused_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        make_certificates(tmp_path / name, "localhost")
    port = free_port()
    tls = "\n".join(
        (
            f"listener {port} 127.0.0.1",
            f"certfile {tmp_path / 'theirs/localhost.crt'}",
            f"keyfile {tmp_path / 'theirs/localhost.key'}",
        )
    )
    config = BrokerConfig(host="localhost", port=port, ca_file=tmp_path / "ours/ca.crt")
    with Mosquitto(tmp_path, extra=tls), closing(MqttIntake(config, 100, FakeClock())) as intake:
        intake.start()
        eventually(lambda: "certificate verify failed" in caplog.text)
        assert not intake.is_connected


def test_a_wrong_password_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "password").write_text("guess\n", "utf-8")
    with Mosquitto(tmp_path, users={"server": "secret"}) as broker:
        config = BrokerConfig(
            port=broker.port, username="server", password_file=tmp_path / "password"
        )
        with closing(MqttIntake(config, 100, FakeClock())) as intake:
            intake.start()
            eventually(lambda: "it refuses: Not authorized" in caplog.text)


def test_what_was_not_acknowledged_comes_again_and_nothing_else(
    makes: Makes, tmp_path: Path
) -> None:
    with Mosquitto(tmp_path) as broker:
        config = BrokerConfig(port=broker.port)
        with running(makes, config) as intake:
            say(broker.port, 100)
            messages = taken(intake, 100)
            intake.acknowledge(messages[:60])
        # Who comes back sooner takes the session over from acknowledgements not yet read.
        eventually(lambda: f"Client {config.client_id} disconnected" in broker.log())
        with running(makes, config) as intake:
            again = taken(intake, 40)
            assert [one.payload for one in again] == [_numbered(n) for n in range(60, 100)]


def test_a_small_queue_holds_the_broker_back_and_loses_nothing(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        config = BrokerConfig(port=broker.port)
        with running(_within, config, queue=100) as intake:
            say(broker.port, MANY)
            eventually(lambda: intake.waiting >= 100)
            assert intake.waiting < MANY, "the rest is still at the broker, or on its way"
            messages = taken(intake, MANY, at_once=50)
            intake.acknowledge(messages)
            assert [one.payload for one in messages] == [_numbered(n) for n in range(MANY)]


def test_two_servers_with_districts_of_their_own_share_one_broker(
    makes: Makes, tmp_path: Path
) -> None:
    def config(*districts: str) -> BrokerConfig:
        return BrokerConfig(port=broker.port, client_id=districts[0], districts=districts)

    with Mosquitto(tmp_path) as broker:
        everything = BrokerConfig(port=broker.port, client_id="kunshan")
        with running(makes, everything):
            pass  # from now on its session has a subscription to all
        with (
            running(makes, config("kunshan", "taicang")) as one,
            running(makes, config("xifeng")) as other,
            station(broker.port) as client,
        ):
            said = [
                client.publish(f"warmstation/v1/{district}/st-1/report", _numbered(number), qos=1)
                for number in range(100)
                for district in ("kunshan", "xifeng", "taicang", "elsewhere")
            ]
            for sent in said:
                sent.wait_for_publish(PATIENCE_S)
            for intake, districts in ((one, ["kunshan", "taicang"]), (other, ["xifeng"])):
                heard: dict[str, list[bytes]] = {district: [] for district in districts}
                for message in taken(intake, 100 * len(districts)):
                    heard[message.topic.split("/")[2]].append(message.payload)
                assert heard == {name: [_numbered(n) for n in range(100)] for name in districts}
                assert not intake.take(1, timedelta(0))
