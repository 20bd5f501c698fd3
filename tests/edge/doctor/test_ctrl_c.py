"""Ctrl-C waits for the end of a turn, and a second one for nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from warmstation_edge.doctor.ctrl_c import CtrlC


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_nothing_is_broken_off_in_the_middle() -> None:
    ctrl_c, done = CtrlC(), []
    ctrl_c.pause(0)
    signal.raise_signal(signal.SIGINT)
    done.append("the rest of the turn")
    with pytest.raises(KeyboardInterrupt):
        ctrl_c.pause(0)
    assert done


def test_a_second_one_does_not_wait() -> None:
    CtrlC()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
