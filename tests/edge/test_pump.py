"""The thread that moves the bytes: nothing that happens to one connection ends it for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from random import Random
from typing import Any

import pytest

from warmstation_edge.threads import Inline
from warmstation_edge.uplink import Offline
from warmstation_edge.uplink import pump as room
from warmstation_edge.uplink.paho_link import Account, PahoLink
from warmstation_edge.uplink.pump import Pump

LATER = 1e12


class NoThreads(Executor):
    """A machine without room for one more thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        raise RuntimeError("can't start new thread")


@pytest.fixture
def link() -> PahoLink:
    account = Account("127.0.0.1", 1, "ks-songnan")
    return PahoLink(account, ("t", b""), ("t",), Random(1))


@pytest.fixture
def pump(link: PahoLink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pump]:
    monkeypatch.setattr(room, "_HOUSEKEEPING_S", 0.0)
    pump = Pump()
    pump.add(link)
    yield pump
    pump.stop()


def test_a_connection_for_which_there_is_no_thread_is_tried_again(
    pump: Pump, link: PahoLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "_connectors", NoThreads())
    pump._keep(link, LATER)
    assert not link.is_connecting
    assert [type(event) for event in link.events()] == [Offline]
    monkeypatch.setattr(pump, "_connectors", Inline())
    pump._keep(link, LATER)
    assert link.is_connecting, "nobody listens there, but it was tried"


def test_whatever_goes_wrong_in_a_turn_there_is_a_next_one(
    pump: Pump, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise OSError("no more file descriptors")
        pump._is_stopping.set()

    monkeypatch.setattr(pump, "_turn", turn)
    pump._run()
    assert turns == 2
    assert "no more file descriptors" in caplog.text
