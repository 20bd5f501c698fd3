from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import Bot, channel, drain, notice
from tests.support.patience import PATIENCE_S, eventually
from warmstation_server.notify import drain as drains
from warmstation_server.notify.drain import Drain
from warmstation_server.notify.threads import Threads
from warmstation_server.registry.notifications import Notifications


class Away:
    """An outbox that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        raise ConnectionError("the registry is away")


@contextmanager
def running(drained: Drain) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=drained.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        drained.wake()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_while_the_registry_is_away_notices_wait(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    away: Any = Away()
    with running(drain(away, clock, [channel("chat", Bot())])):
        eventually(lambda: "the registry is away, notices wait" in caplog.text)


def test_who_is_woken_looks_at_once(
    outbox: Notifications, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drains, "REST_S", 10 * PATIENCE_S)
    bot = Bot()
    drained = drain(outbox, clock, [channel("chat", bot)], executor=Threads())

    def told() -> bool:
        drained.wake()
        return bot.keys == ["n1", "n2"]

    with running(drained):
        outbox.add([notice(1, severity="critical"), notice(2, severity="critical")])
        eventually(told)
