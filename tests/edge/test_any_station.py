"""Whatever happens to a station, in whatever order: what must hold of it holds in every turn."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_station import INNER, OUTER, PROBE, ROOM, Lived, Server

Deed = tuple[str, tuple[Any, ...]]
Story = list[tuple[float, Deed]]
"""Seconds that pass after each deed."""

SHORTED = "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0"
NOISE = [b"", b"{", b"\xff\xfe", b"[]", b'{"v":1}', b'{"v":1,"stream":"9f3c","seqs":["9-1"]}']


def deed(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(name), st.tuples(*arguments))


celsius = st.sampled_from([20.0, 59.9375, 60.0, 75.0, 85.0, 125.0])
spoiled = st.sampled_from(["gone", "crc", "power on", "", "garbage\nt=", SHORTED])
contactors = st.sampled_from(["open-contactor", "close-contactor"])
others = st.sampled_from(["zero-people", "identify"])
deeds = st.one_of(
    deed("probe", st.sampled_from([PROBE, ROOM]), st.one_of(celsius, spoiled)),
    deed("power", st.sampled_from([0.0, 300.0, 1300.0, 1790.0, 1850.0, None])),
    deed("smoke", st.sampled_from([True, False, None])),
    deed("weld", st.booleans()),
    deed("beam", st.sampled_from([OUTER, INNER]), st.booleans()),
    deed("present", st.booleans()),
    deed("command", contactors),
    deed("command", others, st.sampled_from([-60.0, 60.0]), st.booleans()),
    deed(
        "desire",
        st.sampled_from([1.0, 0.001, 1000.0]),
        st.sampled_from([0.0, -1000.0, 1000.0]),
        st.sampled_from([0.5, 60.0]),
    ),
    deed("noise", st.sampled_from(NOISE)),
    deed("receipt", st.integers(1, 5), st.integers(5, 10**15)),
    deed("network", st.booleans()),
    deed("serve", st.booleans()),
    deed("disk", st.booleans()),
    deed("step", st.sampled_from([-86400.0, 3600.0, -3.0, 1e9])),
    deed("synced", st.booleans()),
    deed("stop"),
    deed("cut", st.booleans()),
)
waits = st.sampled_from([0.25, 0.5, 1.0, 3.0, 5.0, 12.0, 20.0, 65.0])


def live(story: Story, server: Server | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = Lived(Path(folder), server)
        try:
            one.run(15)
            for seconds, (name, arguments) in story:
                getattr(one, name)(*arguments)
                one.run(seconds)
            one.settled()
        finally:
            one.end()


@settings(max_examples=12, derandomize=True)
@given(st.lists(st.tuples(waits, deeds), min_size=3, max_size=15))
def test_a_station_keeps_its_promises_whatever_happens(story: Story) -> None:
    live(story)


def test_a_correction_beyond_all_measure_hides_no_heat() -> None:
    """1,000 times 75 °C is no temperature; the sensor's own 75 °C is one."""
    live([(1.0, ("desire", (1000.0, -1000.0, 60.0))), (12.0, ("probe", (PROBE, 75.0)))])


def test_an_overheat_is_told_of_a_point_that_a_command_had_opened() -> None:
    live([(5.0, ("command", ("open-contactor",))), (20.0, ("probe", (PROBE, 75.0)))])


def test_an_overheat_is_told_while_there_is_smoke_too() -> None:
    live([(5.0, ("smoke", (True,))), (20.0, ("probe", (PROBE, 75.0))), (20.0, ("smoke", (False,)))])


def test_a_command_to_open_hides_no_overheat() -> None:
    live([(20.0, ("probe", (PROBE, 75.0))), (5.0, ("command", ("open-contactor",)))])
