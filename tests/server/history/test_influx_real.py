"""A server killed in any write to a real InfluxDB loses nothing and counts nothing twice.

It is asked where WARMSTATION_TEST_INFLUX_URL, _TOKEN and _ORG name one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import (
    DAY,
    HERE,
    MINUTE,
    SHANGHAI,
    START,
    busy,
    live,
    quarters,
    report,
    told,
)
from tests.support import influx
from warmstation_server.history.errors import HistoryAway, HistoryBroken
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_door import Door, Place
from warmstation_server.history.influx_rows import Buckets


# What only a real InfluxDB can show
@pytest.fixture
def real() -> Iterator[tuple[Place, Buckets]]:
    with influx.fresh_buckets(influx.place()) as found:
        yield found


@pytest.mark.parametrize("writes", range(0, 48, 4))
def test_a_server_killed_in_any_write_counts_everything_once(
    real: tuple[Place, Buckets], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """It dies in the midst of a write; the next one is told all again and sums up the same."""
    sent = [live(seq) for seq in range(1, 121) if seq % 17]
    late = [live(seq) for seq in range(1, 121) if not seq % 17]
    write, done = Door._write, 0

    def dying(door: Door, bucket: str, lines: list[str]) -> None:
        nonlocal done
        if done >= writes:
            if done == writes:
                write(door, bucket, lines[: len(lines) // 2 + 1])
            done += 1
            raise HistoryAway("killed")
        done += 1
        write(door, bucket, lines)

    killed = InfluxHistory(*real, SHANGHAI)
    acknowledged = []
    with monkeypatch.context() as patched:
        patched.setattr(Door, "_write", dying)
        for start in range(0, len(sent), 10):
            batch = sent[start : start + 10]
            batch = [*batch, late[start // 20]] if start // 20 < len(late) else batch
            try:
                killed.append(batch)
            except HistoryAway:
                break
            acknowledged += batch
        killed.close()
    with closing(InfluxHistory(*real, SHANGHAI)) as after:
        assert list(after.append(acknowledged)) == []
        everything = [*sent, *late]
        after.append(everything)
        assert quarters(after) == told(*everything)
    with closing(InfluxHistory(*real, SHANGHAI, is_reader=True)) as again:
        assert quarters(again) == told(*everything)
        assert sum(1 for _ in again.reports(HERE, START, START + DAY)) == len(everything)


def test_a_history_opened_again_is_the_same_and_knows_what_it_has(
    real: tuple[Place, Buckets],
) -> None:
    sent = [live(seq) for seq in range(1, 60)] + [report(60, 30 * MINUTE), busy(1, stream="aaaa")]
    with closing(InfluxHistory(*real, SHANGHAI)) as one:
        one.append(sent)
        one.expire(START + 5 * MINUTE)
        before = quarters(one)
    with closing(InfluxHistory(*real, SHANGHAI)) as two:
        assert quarters(two) == before == told(*sent)
        assert list(two.latest()) == [sent[-1]]
        assert list(two.append(sent)) == []
        found = list(two.reports(HERE, START, START + DAY))
        assert {one.report.seq for one in found} == {*range(15, 61)}
        assert set(found) <= set(sent)


def test_a_station_that_moves_to_another_district_counts_once(
    real: tuple[Place, Buckets],
) -> None:
    moved = [busy(seq, district="qianfeng") for seq in range(6, 11)]
    sent = [*(busy(seq) for seq in range(1, 6)), *moved]
    with closing(InfluxHistory(*real, SHANGHAI)) as one:
        for report_ in sent:
            one.append([report_])
    with closing(InfluxHistory(*real, SHANGHAI)) as two:
        assert quarters(two) == told(*sent)
        assert list(two.reports(HERE, START, START + DAY)) == sent


def test_days_of_another_zone_are_refused(real: tuple[Place, Buckets]) -> None:
    with closing(InfluxHistory(*real, SHANGHAI)) as one:
        one.append([busy(1)])
    with (
        closing(InfluxHistory(*real, ZoneInfo("Europe/Berlin"))) as two,
        pytest.raises(HistoryBroken, match="Asia/Shanghai"),
    ):
        two.latest()
