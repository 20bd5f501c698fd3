"""One TCP or TLS connection to the broker, driven by one thread; another one may send.

A recv takes all that has come and a send all that waits: hundreds of messages for two calls to
the system, where a client that reads packet by packet makes four calls a message.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable

from warmstation_server.config import BrokerConfig
from warmstation_server.intake.packets import PINGREQ

CONNECT_TIMEOUT_S = 5.0
MAX_UNSENT_BYTES = 32 * 2**20
_CHUNK = 256 * 1024
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Connection:
    """Bytes in both directions until something breaks, which is an OSError."""

    def __init__(self, broker: BrokerConfig) -> None:
        self._keepalive_s = broker.keepalive_s
        self._socket = _connected(broker)
        self._wake_out, self._wake_in = socket.socketpair()
        for end in (self._wake_out, self._wake_in):
            end.setblocking(False)
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._ending = False

    def send(self, data: bytes) -> bool:
        """Put on its way, from any thread; False where too much is waiting."""
        with self._lock:
            if self._ending or len(self._unsent) > MAX_UNSENT_BYTES:
                return False
            self._unsent += data
        self._wake()
        return True

    def end(self, farewell: bytes) -> None:
        """Let `run` return when everything was sent, the farewell last."""
        with self._lock:
            self._unsent += farewell
            self._ending = True
        self._wake()

    def run(self, received: Callable[[bytes], None]) -> None:
        """Hand on what comes until the end; OSError where the connection breaks."""
        heard_at = pinged_at = time.monotonic()
        while not (self._ending and not self._unsent):
            self._wait()
            # One read a round: a flood from the broker must not hold up what it waits for.
            if data := self._recv():
                received(data)
                heard_at = time.monotonic()
            now = time.monotonic()
            if now - heard_at > 1.5 * self._keepalive_s:
                raise TimeoutError(f"nothing heard for {now - heard_at:.0f} s")
            if now - pinged_at > self._keepalive_s / 2:
                pinged_at = now
                self.send(PINGREQ)
            self._flush()

    def close(self) -> None:
        """Let go of the sockets."""
        with self._lock:
            self._ending = True
        for end in (self._socket, self._wake_out, self._wake_in):
            end.close()

    def _wait(self) -> None:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return
        writable = [self._socket] if self._unsent else []
        timeout_s = min(1.0, self._keepalive_s / 2)
        ready, _, _ = select.select([self._socket, self._wake_out], writable, [], timeout_s)
        if self._wake_out in ready:
            self._wake_out.recv(4096)

    def _recv(self) -> bytes:
        """What has come; nothing where nothing more is there now."""
        try:
            data = self._socket.recv(_CHUNK)
        except _NOT_NOW:
            return b""
        if not data:
            raise ConnectionResetError("the broker closed the connection")
        return data

    def _flush(self) -> None:
        with self._lock:
            chunk = bytes(self._unsent[:_CHUNK])
        if not chunk:
            return
        try:
            sent = self._socket.send(chunk)
        except _NOT_NOW:
            return
        with self._lock:
            del self._unsent[:sent]

    def _wake(self) -> None:
        try:
            self._wake_in.send(b"\x00")
        except OSError:
            return  # full: it is awake already; closed: nobody is there


def _connected(broker: BrokerConfig) -> socket.socket:
    plain = socket.create_connection((broker.host, broker.port), CONNECT_TIMEOUT_S)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found = plain if broker.ca_file is None else _secured(plain, broker)
        found.setblocking(False)
    except BaseException:
        plain.close()
        raise
    return found


def _secured(plain: socket.socket, broker: BrokerConfig) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=broker.ca_file)
    if broker.cert_file is not None:
        context.load_cert_chain(broker.cert_file, broker.key_file)
    return context.wrap_socket(plain, server_hostname=broker.host)
