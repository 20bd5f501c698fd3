"""A history is brought from one storage to another, and answers there as it did before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import MINUTE, START, busy, charged, crossed
from tests.support import influx
from warmstation_server.history import Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.moving import (
    EVER,
    PAUSES_S,
    Movable,
    Past,
    copy,
    differing,
    digest,
)
from warmstation_server.history.sqlite import SqliteHistory

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = ("aa", "bb", "cc")
Opens = Callable[[], Movable]


@pytest.fixture(params=["sqlite to sqlite", "sqlite to influx", "influx to sqlite"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Opens, Opens]]:
    """How to open source and target, as often as one likes."""
    with ExitStack() as stack:

        def end(kind: str, number: int) -> Opens:
            if kind == "sqlite":
                return lambda: SqliteHistory(tmp_path / f"{number}.db", SHANGHAI)
            where = stack.enter_context(influx.fresh_buckets(influx.place()))
            return lambda: InfluxHistory(*where, SHANGHAI)

        source, target = request.param.split(" to ")
        yield end(source, 1), end(target, 2)


def past_of(name: str) -> list[Received]:
    """Two streams, a gap, chargers, and a clock that was not set."""
    unset = timedelta(seconds=-START.timestamp() + 100)
    return [
        *(busy(seq, station=name) for seq in range(1, 40) if seq != 17),
        busy(41, unset, station=name),
        *(busy(seq, MINUTE * (60 + seq), stream="aaaa", station=name) for seq in range(1, 9)),
    ]


def fill(source: Movable) -> None:
    for name in NAMES:
        source.append(past_of(name))
    source.append([charged(1, MINUTE, p1=3.5), crossed(2, 2 * MINUTE, 7)])
    source.expire(START + 10 * MINUTE)


def test_all_of_it_arrives_and_goes_on_as_before(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    with closing(open_source()) as source, closing(open_target()) as target:
        fill(source)
        moved = list(copy(source, target))
        assert [one.is_same for one in moved] == [False] * 4
        assert moved[0].digest.reports == len(past_of("aa")) - 10
    with closing(open_source()) as source, closing(open_target()) as target:
        assert list(differing(moved, target)) == []
        assert target.total(NAMES, *EVER, "day") == source.total(NAMES, *EVER, "day")
        more = [busy(17, station="aa"), busy(40, station="aa"), busy(5, station="bb")]
        assert list(target.append(more)) == list(source.append(more)) == more[:2]
        late = busy(3, MINUTE, station="dd")
        assert list(target.append([late])) == list(source.append([late]))
        for name in (*NAMES, "dd"):
            there, here = ({r.report.station: r for r in h.latest()} for h in (target, source))
            assert digest(target, name, there[name]) == digest(source, name, here[name])


def test_a_second_copy_brings_what_came_since(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    with closing(open_source()) as source, closing(open_target()) as target:
        fill(source)
        list(copy(source, target))
        source.append([busy(17, station="bb"), busy(42, 43 * MINUTE, station="bb")])
        moved = list(copy(source, target))
        assert {one.station for one in moved if not one.is_same} == {"bb"}
    with closing(open_target()) as target:
        assert list(differing(moved, target)) == []


class Broken:
    """A target that fails at its third station, in the midst of its reports."""

    def __init__(self, target: Movable) -> None:
        self._target, self._left = target, 2

    def __getattr__(self, name: str) -> object:
        return getattr(self._target, name)

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        self._left -= 1
        self._target.adopt(past, reports if self._left >= 0 else self._some(reports))

    def _some(self, reports: Iterable[Received]) -> Iterator[Received]:
        yield next(iter(reports))
        raise KeyboardInterrupt


def test_a_copy_that_was_broken_off_goes_on_where_it_was(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    with closing(open_source()) as source:
        fill(source)
        with closing(open_target()) as target, pytest.raises(KeyboardInterrupt):
            list(copy(source, Broken(target)))  # type: ignore[arg-type]
        with closing(open_target()) as target:
            moved = list(copy(source, target))
            assert [one.is_same for one in moved] == [True, True, False, False]
        with closing(open_target()) as target:
            assert list(differing(moved, target)) == []


class Faltering(Broken):
    """A target that is away at its second and third station, twice in the midst of reports."""

    def __init__(self, target: Movable) -> None:
        super().__init__(target)
        self._turns = iter([False, True, True, False, True])

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        self._target.adopt(past, self._some(reports) if next(self._turns, False) else reports)

    def _some(self, reports: Iterable[Received]) -> Iterator[Received]:
        yield next(iter(reports))
        raise HistoryAway


def test_a_storage_that_is_away_for_a_moment_is_waited_for(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    waited: list[float] = []
    with closing(open_source()) as source, closing(open_target()) as target:
        fill(source)
        moved = list(copy(source, Faltering(target), waited.append))  # type: ignore[arg-type]
    assert waited == [PAUSES_S[0], PAUSES_S[1], PAUSES_S[0]]
    with closing(open_target()) as target:
        assert list(differing(moved, target)) == []


def test_a_storage_that_stays_away_is_said_so(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    waited: list[float] = []
    with closing(open_source()) as source, closing(open_target()) as target:
        fill(source)
        gone = Faltering(target)
        gone._turns = iter([True] * 99)
        with pytest.raises(HistoryAway):
            list(copy(source, gone, waited.append))  # type: ignore[arg-type]
    assert waited == [*PAUSES_S]


def test_what_is_missing_is_found_out(ends: tuple[Opens, Opens]) -> None:
    open_source, open_target = ends
    with closing(open_source()) as source, closing(open_target()) as target:
        fill(source)
        moved = list(copy(source, target))
        target.append([busy(17, station="cc")])
        (found,) = differing(moved, target)
        assert found[0].station == "cc"
        assert found[1].reports == found[0].digest.reports + 1
