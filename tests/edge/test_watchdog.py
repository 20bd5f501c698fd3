"""The systemd watchdog hears of the agent only while it samples; nothing outside ends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from warmstation_edge.notify import Notify, alive_every_s
from warmstation_edge.run import turn_until


class Wire:
    """Where systemd would listen."""

    def __init__(self, folder: Path) -> None:
        self.address = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.address))

    def heard(self) -> list[bytes]:
        """All that was said until now."""
        self.socket.setblocking(False)
        said = []
        while True:
            try:
                said.append(self.socket.recv(64))
            except BlockingIOError:
                return said


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.socket.close()


class Turns:
    """Implements what `turn_until` needs of an agent and of time; hangs at its turn `hangs_at`."""

    def __init__(self, count: int, hangs_at: int | None = None) -> None:
        self.count = count
        self.hangs_at = hangs_at
        self.turns = 0
        self.now = 100.0
        self.freed = threading.Event()
        self.wire: Wire | None = None
        self.said: list[bytes] = []
        self.is_hanging = threading.Event()

    @property
    def is_asked(self) -> bool:
        """To stop, after so many turns."""
        return self.turns >= self.count

    def turn(self) -> None:
        """One turn; a driver that never comes back."""
        self.turns += 1
        if self.turns == self.hangs_at:
            self.is_hanging.set()
            assert self.freed.wait(PATIENCE_S)

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Time passes at once; systemd reads what was said, as its queue is short."""
        self.now += seconds
        if self.wire is not None:
            self.said += self.wire.heard()


def notify(wire: Wire, watchdog_s: float = 15.0) -> Notify:
    usec = str(round(watchdog_s * 1e6))
    return Notify({"NOTIFY_SOCKET": str(wire.address), "WATCHDOG_USEC": usec})


def test_it_is_alive_as_long_as_it_turns(wire: Wire) -> None:
    turns = Turns(count=1 + 4 * 60)
    turns.wire = wire
    turn_until(turns, turns, notify(wire), turns.monotonic, turns.sleep)
    said = turns.said + wire.heard()
    assert said[0] == b"READY=1"
    assert said[-1] == b"STOPPING=1"
    assert said.count(b"WATCHDOG=1") == 60 / 5


def test_a_sampler_that_hangs_is_silent_so_that_systemd_restarts_it(wire: Wire) -> None:
    turns = Turns(count=1000, hangs_at=25)
    spoken = notify(wire)
    thread = threading.Thread(
        target=turn_until, args=(turns, turns, spoken, turns.monotonic, turns.sleep)
    )
    thread.start()
    assert turns.is_hanging.wait(PATIENCE_S)
    before = wire.heard().count(b"WATCHDOG=1")
    turns.now += 3600  # an hour, and not a word
    assert before > 0
    assert wire.heard() == []
    turns.count = 25
    turns.freed.set()
    thread.join(PATIENCE_S)


def test_nothing_is_said_before_the_first_turn_is_done(wire: Wire) -> None:
    turns = Turns(count=1, hangs_at=1)
    thread = threading.Thread(
        target=turn_until, args=(turns, turns, notify(wire), turns.monotonic, turns.sleep)
    )
    thread.start()
    assert turns.is_hanging.wait(PATIENCE_S)
    assert wire.heard() == []
    turns.freed.set()
    thread.join(PATIENCE_S)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({}, 5.0), ({"WATCHDOG_USEC": "4000000"}, 4 / 3), ({"WATCHDOG_USEC": "60000000"}, 5.0)],
)
def test_it_speaks_at_least_thrice_in_the_time_that_systemd_waits(
    given: dict[str, str], seconds: float
) -> None:
    assert alive_every_s(given) == pytest.approx(seconds)
