"""A bus that hangs in its driver holds its own thread, and no stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.support.patience import PATIENCE_S
from warmstation_edge.sensors.i2c import LinuxI2c
from warmstation_edge.sensors.serial_line import SerialLine
from warmstation_edge.threads import Threads


@contextmanager
def hanging(lock: AbstractContextManager[object]) -> Iterator[None]:
    """Another thread is in the driver, and holds this, until the end."""
    holds, freed = threading.Event(), threading.Event()

    def transfer() -> None:
        with lock:
            holds.set()
            assert freed.wait(PATIENCE_S)

    thread = threading.Thread(target=transfer)
    thread.start()
    assert holds.wait(PATIENCE_S)
    try:
        yield
    finally:
        freed.set()
        thread.join(PATIENCE_S)


def test_a_serial_line_that_hangs_is_left(tmp_path: Path) -> None:
    line = SerialLine(tmp_path / "no-such-tty", 9600, answer_s=0.0)
    with hanging(line._lock):
        line.close()
    line.close()


def test_an_i2c_bus_that_hangs_is_left() -> None:
    bus = LinuxI2c(1)
    with hanging(bus.lock):
        bus.close(patience_s=0.0)
    bus.close()


def test_work_that_hangs_keeps_no_other_from_its_thread_and_no_process_from_ending() -> None:
    pool, freed = Threads(3, "sensor"), threading.Event()
    stuck = [pool.submit(freed.wait, PATIENCE_S) for _ in range(2)]
    assert pool.submit(lambda: 5).result(PATIENCE_S) == 5
    assert all(
        thread.daemon for thread in threading.enumerate() if thread.name.startswith("sensor")
    )
    pool.shutdown()
    assert not any(one.done() for one in stuck), "it waited for nobody"
    freed.set()
    assert [one.result(PATIENCE_S) for one in stuck] == [True, True]
