"""A real mosquitto with the configuration that we ship, and clients that are who they prove to be.

with GuardedBroker(folder, deployment) as broker:
    server = broker.client("_server")        # hears every report
    honest = broker.client("ks-a")
    assert honest.publish(...)               # True where the broker took it
"""

from __future__ import annotations

import resource
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.enrolled import Deployment
from tests.support.patience import PATIENCE_S, eventually
from tests.support.ports import free_port
from warmstation_server.config import BrokerConfig
from warmstation_server.enrolment.authority import Authority, pem
from warmstation_server.enrolment.broker_files import BrokerFiles
from warmstation_server.enrolment.keeping import key_pem

COME_IN = b"\x20\x02\x00\x00"
"""CONNACK without a complaint."""
OPEN_FILES = 65_536
"""As the unit's drop-in that `broker config` writes."""


class GuardedBroker:
    """Starts with `with`, always gone afterwards."""

    def __init__(
        self, folder: Path, here: Deployment, hosts: tuple[str, ...] = ("localhost",)
    ) -> None:
        self.port = free_port()
        self.folder = folder / "broker"
        self.here = here
        state = folder / "state"
        state.mkdir()
        files = BrokerFiles(self.folder, hosts, self.port, "127.0.0.1", state)
        here.now = datetime.now(here.now.tzinfo)
        for known in here.registry.stations():  # whom an installer is on the way to
            here.desk.claim(known.id, here.now)
        files.write(here.desk.authority(here.now), here.desk.write_lists(here.now), here.now)
        conf = self.folder / "mosquitto.conf"
        conf.write_text(conf.read_text() + "user root\n")
        self.clients: list[Guarded] = []
        self.process: subprocess.Popen[bytes] | None = None

    def reload(self) -> None:
        """What the deployment's path unit does: the lists follow, the broker reads them."""
        for name in ("acl", "crl.pem"):
            shutil.copy(self.here.folder / "authority" / name, self.folder / name)
        assert self.process is not None
        self.process.send_signal(1)

    def config(self) -> BrokerConfig:
        """The [broker] table that goes with it."""
        at = self.folder
        return BrokerConfig(
            host="localhost",
            port=self.port,
            ca_file=at / "ca.pem",
            cert_file=at / "server.pem",
            key_file=at / "server.key",
        )

    def context(self, name: str | None, authority: Authority | None = None) -> ssl.SSLContext:
        """TLS as this name; with an authority it is signed here and now, whatever it is."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if name == "_server":
            context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        elif authority is not None and name is not None:
            context.load_cert_chain(self.forged(name, authority))
        elif name is not None:
            path = self.here.folder / f"{name}.pem"
            context.load_cert_chain(path if path.exists() else self.here.enrolled(name))
        return context

    def forged(self, name: str, authority: Authority, life: timedelta = timedelta(days=1)) -> Path:
        """A file with key and certificate of any name, signed without asking anybody."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = authority.station(name, key.public_key(), self.here.now, life)
        path = self.folder / f"forged-{time.monotonic_ns()}.pem"
        path.write_text(key_pem(key) + pem(certificate))
        return path

    def client(self, name: str, **options: Any) -> Guarded:
        """A connected client; AssertionError where the broker does not let it in."""
        client = Guarded(self, options.pop("context", None) or self.context(name), name, **options)
        self.clients.append(client)
        client.connect()
        eventually(lambda: client.is_in)
        return client

    def lets_in(self, context: ssl.SSLContext | None, name: str = "ks-a") -> bool:
        """Whether a client with this certificate (None: without TLS) is told to come in."""
        try:
            with self._wire(context) as wire:
                wire.sendall(_connect(name.encode(), None))
                answer = wire.recv(4)
                wire.sendall(b"\xe0\x00")
        except OSError:
            return False
        return answer == COME_IN

    def vanish(self, context: ssl.SSLContext, name: str, will: str) -> None:
        """Come in, leave a will behind, and go without a word."""
        with self._wire(context) as wire:
            wire.sendall(_connect(name.encode(), will.encode()))
            assert wire.recv(4) == COME_IN

    @contextmanager
    def _wire(self, context: ssl.SSLContext | None) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as plain:
            if context is None:
                yield plain
                return
            with context.wrap_socket(plain, server_hostname="localhost") as wire:
                yield wire

    def __enter__(self) -> Self:
        self.start()
        return self

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Start, also after `kill`; returns once it accepts connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/mosquitto", "-c", str(self.folder / "mosquitto.conf")],
                stderr=log,
                preexec_fn=_many_files,  # noqa: PLW1509 - only a limit is set
            )
        eventually(self._accepts)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self.clients:
            client.close()
        self.kill()

    def _accepts(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Guarded:
    """One client. `heard` is what arrived, `losses` how often the broker hung up on it."""

    def __init__(
        self,
        broker: GuardedBroker,
        context: ssl.SSLContext,
        name: str,
        will: str | None = None,
        is_old: bool = False,
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.losses = 0
        self.is_in = self.is_out = False
        self.codes: dict[int, int] = {}
        self.granted: list[int] = []
        self._port = broker.port
        self._client = Client(
            CallbackAPIVersion.VERSION2, name, protocol=MQTTv311 if is_old else MQTTv5
        )
        self._client.tls_set_context(context)
        if will is not None:
            self._client.will_set(will, b"mine", 1, True)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._heard
        self._client.on_publish = self._published
        self._client.on_subscribe = lambda _c, _d, _m, codes, _p: self.granted.extend(
            code.value for code in codes
        )

    def connect(self) -> None:
        """Begin; blocks for TCP and TLS."""
        self._client.connect("localhost", self._port, keepalive=30)
        self._client.loop_start()

    def publish(self, topic: str, payload: bytes = b"x", retain: bool = False) -> bool:
        """Whether the broker took it (PUBACK with a good reason)."""
        info = self._client.publish(topic, payload, 1, retain)
        eventually(lambda: info.mid in self.codes or self.is_out)
        return self.codes.get(info.mid, 0x80) < 0x80

    def subscribe(self, topic: str) -> None:
        """Subscribe, and wait for the answer."""
        before = len(self.granted)
        self._client.subscribe(topic, 1)
        eventually(lambda: len(self.granted) > before)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        self.is_in, self.is_out = not reason.is_failure, bool(reason.is_failure)

    def _heard(self, _client: Any, _data: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))

    def _disconnected(self, *_: Any) -> None:
        self.losses += 1
        self.is_in, self.is_out = False, True

    def _published(self, _client: Any, _data: Any, mid: int, reason: Any, _props: Any) -> None:
        self.codes[mid] = reason.value


def _connect(name: bytes, will: bytes | None) -> bytes:
    """CONNECT of MQTT 3.1.1, at most 127 bytes long."""
    flags, parts = (0x02, [name]) if will is None else (0x26, [name, will, b"mine"])
    fields = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    body = b"\x00\x04MQTT\x04" + bytes((flags,)) + b"\x00\x0a" + fields
    return bytes((0x10, len(body))) + body


def _many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
