"""An InfluxDB that hangs, halves, drips and lies at any request: the writer gets on, or says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import busy
from tests.support.influx_fake import FakeInflux, Manner, fake_influx
from tests.support.influx_manners import NEVER_DONE, WRONG
from tests.support.patience import eventually
from warmstation_server.history import Received, influx_wire
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_door import LINES_AT_ONCE, REQUESTS_AT_ONCE, Door, Place
from warmstation_server.history.influx_rows import Buckets

SHANGHAI = ZoneInfo("Asia/Shanghai")
BUCKETS = Buckets("raw", "kept")
MANNERS = {**NEVER_DONE, **WRONG}
USUAL = ("is silent", "drips headers", "closes within the body")
AT_LENGTH = [
    pytest.param(one, marks=() if one in USUAL else pytest.mark.slow, id=one) for one in MANNERS
]
SOON_S = 0.05
"""Of one read; a loaded machine may need more for an honest answer, so that is asked for again."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeInflux]:
    monkeypatch.setattr(influx_wire, "OF_A_WRITE", 1)
    monkeypatch.setattr(influx_wire, "OF_A_QUESTION", 1)
    with fake_influx() as fake:
        yield fake


def hurried(fake: FakeInflux) -> Place:
    return Place(fake.place.url, "warm", "a-token", timedelta(seconds=SOON_S))


@pytest.mark.parametrize("manner", MANNERS)
def test_whatever_the_server_does_a_write_and_a_question_end(fake: FakeInflux, manner: str) -> None:
    fake.manner = lambda _number, _path: MANNERS[manner]
    with closing(Door(hurried(fake))) as door:
        with pytest.raises(HistoryAway) as away:
            door.write_all_but_refused("raw", ["m v=1"])
        assert away.value.patience <= timedelta(minutes=1)
        with pytest.raises(HistoryAway):
            list(door.rows("from(bucket: bucket)", {"bucket": "raw"}))


@pytest.mark.parametrize("manner", [one for one in AT_LENGTH if one.values[0] in NEVER_DONE])
def test_all_requests_of_a_batch_that_hang_at_once_leave_hands_for_the_next_one(
    fake: FakeInflux, manner: str
) -> None:
    lines = [f"m v={number}" for number in range(2 * REQUESTS_AT_ONCE * LINES_AT_ONCE)]
    fake.manner = lambda _number, _path: NEVER_DONE[manner]
    with closing(Door(hurried(fake))) as door:
        with pytest.raises(HistoryAway):
            door.write_all_but_refused("raw", lines)
        fake.manner = lambda _number, _path: None
        eventually(lambda: _is_taken(door, lines))
    assert {*fake.lines["raw"]} == {*lines}


@pytest.mark.parametrize("manner", AT_LENGTH)
def test_a_history_gets_on_whichever_of_its_requests_fails(fake: FakeInflux, manner: str) -> None:
    """Every report is answered for once, and is stored; none before it is."""
    batch = [busy(seq) for seq in range(1, 4)]
    for bad in range(1, _requests_of(fake, batch) + 1):
        fake.requests, fake.lines = 0, {}
        fake.manner = _once(MANNERS[manner], bad)
        with closing(InfluxHistory(hurried(fake), BUCKETS, SHANGHAI)) as history:
            with pytest.raises(HistoryAway):
                history.append(batch)
            told: list[Received] = []
            eventually(lambda: _is_told(history, batch, told))  # noqa: B023 - called here and now
            assert told == batch
            assert history.append(batch) == []
        assert len(set(fake.lines["raw"])) == len(batch)


def _once(manner: Manner, bad: int) -> Callable[[int, str], Manner | None]:
    return lambda number, _path: manner if number == bad else None


def _is_taken(door: Door, lines: list[str]) -> bool:
    try:
        return door.write_all_but_refused("raw", lines) == []
    except HistoryAway:
        return False


def _is_told(history: InfluxHistory, batch: list[Received], told: list[Received]) -> bool:
    with suppress(HistoryAway):
        told += history.append(batch)
    return len(told) == len(batch)


def _requests_of(fake: FakeInflux, batch: list[Received]) -> int:
    with closing(InfluxHistory(fake.place, BUCKETS, SHANGHAI)) as history:
        history.append(batch)
    return fake.requests
