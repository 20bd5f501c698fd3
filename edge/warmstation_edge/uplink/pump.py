"""Moves the bytes of any number of PahoLinks in one thread.

A Pi has one link; a simulated province has hundreds in one process. `__main__` and the simulator
make one Pump, `add` the links and `start` it. Connecting blocks (names, TCP, TLS) and so happens
on a few helper threads; everything else waits in one selector.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from paho.mqtt.client import Client

from warmstation_edge.threads import Threads
from warmstation_edge.uplink.paho_link import PahoLink

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

_log = logging.getLogger(__name__)
_HOUSEKEEPING_S = 0.25
_CONNECTORS = 4


class Pump:
    """One thread for all links; `start` before the agents turn, `stop` when they have stopped."""

    def __init__(self) -> None:
        self._links: list[PahoLink] = []
        self._touched: deque[PahoLink] = deque()
        self._connected: deque[tuple[PahoLink, Future[Client]]] = deque()
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[PahoLink, SocketLike] = {}
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._selector.register(self._far, selectors.EVENT_READ)
        self._connectors = Threads(_CONNECTORS, "connect")
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self._is_stopping = threading.Event()
        self._kept_at = 0.0

    def add(self, link: PahoLink) -> None:
        """Take on a link, also while running."""
        link.wake = self._wake
        self._links.append(link)

    def start(self) -> None:
        """Begin to connect, at once."""
        self._thread.start()
        self._rouse()

    def stop(self, patience_s: float = 3.0) -> None:
        """Wait until closed links have said goodbye, then end the thread; also if never started."""
        if self._thread.ident is None:
            self._end()
            return
        links = list(self._links)
        for link in links:
            link.close()
        deadline = time.monotonic() + patience_s
        while not all(link.is_closed for link in links) and time.monotonic() < deadline:
            self._is_stopping.wait(0.01)
        self._is_stopping.set()
        self._rouse()
        self._thread.join(patience_s)

    def _run(self) -> None:
        try:
            while not self._is_stopping.is_set():
                try:
                    self._turn()
                except Exception as error:  # noqa: BLE001 - a station must not fall silent for good
                    _log.exception("every connection is made anew")
                    self._recover(error)
        finally:
            self._end()

    def _recover(self, error: Exception) -> None:
        for link in list(self._links):
            if link.client is not None:
                link.abort(f"{type(error).__name__}: {error}")
            with suppress(Exception):
                self._watch(link)
        self._is_stopping.wait(_HOUSEKEEPING_S)

    def _turn(self) -> None:
        for key, events in self._selector.select(_HOUSEKEEPING_S):
            if key.data is None:
                with suppress(BlockingIOError):
                    self._far.recv(4096)
            else:
                self._move(key.data, events)
        while self._connected:
            self._take_over(*self._connected.popleft())
        now = time.monotonic()
        while self._touched:
            self._serve(self._touched.popleft(), now)
        if now - self._kept_at >= _HOUSEKEEPING_S:
            self._kept_at = now
            for link in list(self._links):
                self._keep(link, now)

    def _move(self, link: PahoLink, events: int) -> None:
        client = link.client
        if client is not None:
            with _Guard(link):
                if events & selectors.EVENT_READ:
                    _read(client)
                if events & selectors.EVENT_WRITE:
                    client.loop_write()
                link.flush(time.monotonic())
        self._watch(link)

    def _serve(self, link: PahoLink, now: float) -> None:
        with _Guard(link):
            link.flush(now)
        self._watch(link)

    def _keep(self, link: PahoLink, now: float) -> None:
        if link.client is not None:
            with _Guard(link):
                link.client.loop_misc()
        elif link.is_closed:
            self._links.remove(link)
        elif not link.is_connecting and not link.is_unplugged and now >= link.connect_at:
            self._connect(link)
        self._serve(link, now)

    def _connect(self, link: PahoLink) -> None:
        try:
            future = self._connectors.submit(link.connect)
        except RuntimeError as error:  # no thread can be had just now
            link.lost(str(error))
            return
        link.is_connecting = True
        future.add_done_callback(partial(self._hand_over, link))

    def _hand_over(self, link: PahoLink, future: Future[Client]) -> None:
        self._connected.append((link, future))
        self._rouse()

    def _take_over(self, link: PahoLink, future: Future[Client]) -> None:
        error = future.exception()
        if error is not None:
            link.lost(f"{type(error).__name__}: {error}")
        else:
            link.connected(future.result())
        self._watch(link)

    def _watch(self, link: PahoLink) -> None:
        """Keep the selector in step with the link's socket and what it has to write."""
        now = link.client.socket() if link.client is not None else None
        before = self._sockets.get(link)
        if before is not None and before is not now:
            with suppress(KeyError, ValueError):
                self._selector.unregister(before)
            del self._sockets[link]
        if now is None or link.client is None:
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.client.want_write() else 0)
        if link not in self._sockets:
            self._selector.register(now, wanted, link)
            self._sockets[link] = now
        elif self._selector.get_key(now).events != wanted:
            self._selector.modify(now, wanted, link)

    def _wake(self, link: PahoLink) -> None:
        self._touched.append(link)
        self._rouse()

    def _rouse(self) -> None:
        with suppress(BlockingIOError, OSError):
            self._near.send(b"\0")

    def _end(self) -> None:
        self._connectors.shutdown()
        for link in self._links:
            if link.client is not None:
                link.client.disconnect()
        self._selector.close()
        self._near.close()
        self._far.close()


class _Guard:
    """Turns whatever paho raises into a lost connection of this one link."""

    def __init__(self, link: PahoLink) -> None:
        self._link = link

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        _log.warning("a connection broke: %s: %s", kind.__name__, error)
        self._link.abort(f"{kind.__name__}: {error}")
        return True


def _read(client: Client) -> None:
    client.loop_read()
    sock = client.socket()
    pending = getattr(sock, "pending", None)  # TLS keeps decrypted bytes that select cannot see
    while pending is not None and client.socket() is sock and pending():
        client.loop_read()
