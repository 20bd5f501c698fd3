from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.support.patience import eventually
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.slow import STALE_AFTER_S, Slow
from warmstation_edge.sensors.w1_slave import Pad, read_w1_slave
from warmstation_edge.threads import Inline

T = TypeVar("T")


def soon(slow: Slow[T]) -> Reading[T]:
    """What comes from the other thread."""
    found: list[Reading[T]] = []

    def has_come() -> bool:
        found.extend(one for one in [slow.finished(0)] if one is not None)
        return bool(found)

    eventually(has_come)
    return found[0]


def test_a_reading_is_told_once() -> None:
    slow = Slow("room", lambda: Reading.of(20.0), Inline())
    assert slow.finished(0) is None
    slow.start(0)
    assert slow.finished(0) == Reading.of(20.0)
    assert slow.finished(1) is None


def test_a_driver_that_raises_is_an_absent_sensor() -> None:
    slow: Slow[float] = Slow("room", lambda: Reading.of(1 / 0), Inline())
    slow.start(0)
    assert slow.finished(0) == Reading.without(Missing.ABSENT)


def test_an_executor_that_shuts_down_stops_nothing() -> None:
    executor: Executor = ThreadPoolExecutor(1)
    executor.shutdown()
    slow = Slow("room", lambda: Reading.of(20.0), executor)
    slow.start(0)
    assert slow.finished(99) is None


def test_a_probe_that_hangs_is_stale_and_the_others_are_read(tmp_path: Path) -> None:
    hanging, well = tmp_path / "hanging", tmp_path / "well"
    hanging.mkdir()
    well.mkdir()
    os.mkfifo(hanging / "w1_slave")  # opens only once somebody writes
    (well / "w1_slave").write_text("50 05 : crc=1c YES\n50 05 t=20062\n")
    with ThreadPoolExecutor(2) as executor:
        slow = Slow("outlet", partial(read_w1_slave, hanging), executor)
        other = Slow("room", partial(read_w1_slave, well), executor)
        slow.start(0)
        other.start(0)
        assert soon(other) == Reading.of(Pad(20.062))
        assert slow.finished(STALE_AFTER_S - 1) is None
        slow.start(STALE_AFTER_S - 1)
        assert slow.finished(STALE_AFTER_S) == Reading.without(Missing.STALE)
        (hanging / "w1_slave").write_text("50 05 : crc=1c YES\n50 05 t=45000\n")
        assert soon(slow) == Reading.of(Pad(45.0))
