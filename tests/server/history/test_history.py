"""What every history keeps and gives back, whatever it is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.history.reports import (
    DAY,
    HERE,
    HOUR,
    MINUTE,
    START,
    busy,
    crossed,
    full_report,
    quarters,
    rare_report,
    report,
)
from warmstation_server.history import History, Received
from warmstation_wire import (
    Climate,
)


def test_a_report_comes_back_as_it_was_received(history: History) -> None:
    sent = [full_report(1), report(2), report(3, climate=Climate(), chargers=(), faults=())]
    sent += [rare_report(seq) for seq in range(4, 9)]
    assert list(history.append(sent)) == sent
    found = {r.report.seq: r for r in history.reports(HERE, START, START + HOUR)}
    assert [found[r.report.seq] for r in sent] == sent
    assert [found[r.report.seq].report.to_json() for r in sent] == [
        r.report.to_json() for r in sent
    ]


def test_many_reports_come_back_through_chunks_exactly(history: History) -> None:
    sent = [full_report(seq) if seq % 3 else busy(seq) for seq in range(1, 400)]
    for i in range(0, len(sent), 20):
        history.append(sent[i : i + 20])
    found = list(history.reports(HERE, START - DAY, START + DAY))
    assert found == sorted(sent, key=lambda r: (r.report.measured_at, r.report.seq))


def test_a_report_is_stored_once_however_often_it_comes(history: History) -> None:
    assert len(history.append([busy(1), busy(2), busy(1)])) == 2
    assert [r.report.seq for r in history.append([busy(2), busy(3), busy(3)])] == [3]
    assert list(history.append([busy(1), busy(2), busy(3)])) == []
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == [1, 2, 3]
    assert sum(u.reports for u in quarters(history)) == 3


def test_who_reads_while_a_batch_is_stored_sees_none_of_it_and_is_done_when_it_is(
    history: History,
) -> None:
    sent = [busy(seq) for seq in range(1, 1_101)]
    seen: list[Received] = []

    def meanwhile() -> bool:
        seen.extend(history.reports(HERE, START, START + DAY))
        return True

    assert list(history.append(sent, meanwhile)) == sent
    assert seen == []
    assert list(history.append(sent, meanwhile)) == []
    assert list(history.reports(HERE, START, START + DAY)) == sent


def test_same_seq_of_another_stream_or_station_is_another_report(history: History) -> None:
    sent = [busy(1), busy(1, stream="aaaa"), busy(1, station="xf-beidajie")]
    assert list(history.append(sent)) == sent
    assert len(list(history.reports(HERE, START, START + DAY))) == 2


def test_reports_are_of_the_span_asked_for_rising(history: History) -> None:
    history.append([busy(seq) for seq in (5, 3, 4, 1, 2)])
    found = history.reports(HERE, START + MINUTE, START + 4 * MINUTE)
    assert [r.report.seq for r in found] == [2, 3, 4]
    assert list(history.reports("nobody", START, START + DAY)) == []
    assert list(history.reports(HERE, START + DAY, START)) == []


def test_reports_reach_over_empty_days_and_wrong_clocks(history: History) -> None:
    broken_clock = datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC) - START
    history.append([busy(1), busy(2, broken_clock), busy(3, 40 * DAY)])
    ever = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    assert [r.report.seq for r in history.reports(HERE, *ever)] == [2, 1, 3]


def test_latest_is_the_highest_seq_of_the_newest_stream(history: History) -> None:
    assert list(history.latest()) == []
    ahead = busy(2, 3 * DAY)
    history.append([busy(1), ahead, busy(3), busy(1, station="xf-beidajie")])
    assert {r.report.station: r for r in history.latest()} == {
        HERE: busy(3),
        "xf-beidajie": busy(1, station="xf-beidajie"),
    }
    reborn = busy(1, stream="aaaa")
    history.append([reborn])
    history.append([busy(4)])
    assert [r for r in history.latest() if r.report.station == HERE] == [reborn]


def test_series_without_window_has_a_point_for_each_report(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 6)])
    points = history.series(HERE, START + MINUTE, START + 4 * MINUTE)
    assert [p.at for p in points] == [START + MINUTE * i for i in (1, 2, 3)]
    assert [p.room_c for p in points] == [17.0 + seq * 0.7 for seq in (2, 3, 4)]
    assert [p.people_max for p in points] == [2, 3, 4]
    assert [p.entered for p in points] == [2, 2, 2]
    assert [p.chargers_in_use for p in points] == [1, 1, 1]
    assert points[0].outlet_c is None
    assert points[0].heating_share == 1


def test_series_windows_hold_means_of_what_was_measured(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 11)])
    history.append([report(36)])
    first, second, empty = history.series(HERE, START, START + HOUR, 5 * MINUTE)
    assert [first.at, second.at, empty.at] == [START, START + 5 * MINUTE, START + 35 * MINUTE]
    assert first.room_c == pytest.approx(sum(17 + s % 7 * 0.7 for s in range(1, 6)) / 5)
    assert first.people_max == 4
    assert first.entered == 2 * 5
    assert empty.room_c is None
    assert empty.entered is None


def test_expired_reports_are_gone_and_their_usage_stays(history: History) -> None:
    history.append([busy(seq) for seq in range(1, 61)])
    before = quarters(history)
    line = START + 20 * MINUTE + timedelta(seconds=1)
    assert history.expire(line) == 21
    assert history.expire(line) == 0
    assert quarters(history) == before
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == list(range(22, 61))
    assert history.series(HERE, START, START + DAY)[0].at == START + 21 * MINUTE
    assert list(history.append([busy(5)])) == []


def test_what_comes_after_it_expired_counts_but_is_not_kept(history: History) -> None:
    history.append([crossed(1, MINUTE, 1), crossed(3, 40 * MINUTE, 9)])
    history.expire(START + 30 * MINUTE)
    assert len(history.append([crossed(2, 16 * MINUTE, 5)])) == 1
    assert [u.visits for u in quarters(history)] == [1, 4, 4]
    assert [r.report.seq for r in history.reports(HERE, START, START + DAY)] == [3]


def test_reports_of_a_clock_that_was_never_set_do_not_expire(history: History) -> None:
    booted = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
    early, late = (
        Received(
            one.report.model_copy(update={"measured_at": booted + one_minute}),
            one.district,
            one.received_at,
        )
        for one, one_minute in ((busy(1), 0 * MINUTE), (busy(2), MINUTE))
    )
    history.append([early])
    assert history.expire(START) == 0
    assert list(history.append([late])) == [late]
    assert list(history.reports(HERE, booted, START)) == [early, late]
    assert [point.at for point in history.series(HERE, booted, START)] == [booted, booted + MINUTE]


def test_a_station_that_is_silent_since_it_expired_is_still_known(history: History) -> None:
    history.append([busy(1)])
    history.expire(START + DAY)
    assert list(history.latest()) == [busy(1)]
