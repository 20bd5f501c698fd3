"""How the history in InfluxDB behaves when writes fail: nothing is lost, nothing counts twice.

It asks a little server that answers as documented; a real one is asked in `test_influx_real`.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.server.history.reports import MINUTE, SHANGHAI, START, busy, live, quarters, told
from tests.support.influx_fake import TAKEN, Answer, FakeInflux, fake_influx
from warmstation_server.history.errors import HistoryAway, HistoryBroken, PartlyRefused
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_door import Place
from warmstation_server.history.influx_rows import Buckets

BUCKETS = Buckets("raw", "kept")


@pytest.fixture
def fake() -> Iterator[FakeInflux]:
    with fake_influx() as found:
        yield found


@pytest.fixture
def history(fake: FakeInflux) -> Iterator[InfluxHistory]:
    with closing(InfluxHistory(fake.place, BUCKETS, SHANGHAI)) as one:
        yield one


# What a report looks like
def test_a_report_is_one_point_with_fields_that_dashboards_ask_for(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    history.append([busy(3)])
    (line,) = fake.lines["raw"]
    tags, fields, at = line.split(" ")
    assert tags == "report,district=kunshan,station=ks-songnan"
    known = dict(part.split("=", 1) for part in fields.split(","))
    assert known.items() >= {
        ("room_c", repr(17.0 + 3 * 0.7)),
        ("heater_w", "1480.5"),
        ("seq", "3i"),
        ("entered", "6i"),
        ("chargers_charging", "1i"),
        ("chargers_broken", "1i"),
        ("chargers_power_w", "11.2"),
    }
    assert "present" not in known, "what no dashboard asks for is in the row only"
    assert "outlet_c" not in known, "it has no value"
    assert "charger_p1_power_w" not in known
    assert int(at) // 1000 == int((START + 2 * MINUTE).timestamp()) * 1_000_000


def test_every_value_has_a_field_where_that_is_asked_for(fake: FakeInflux) -> None:
    with closing(InfluxHistory(fake.place, BUCKETS, SHANGHAI, whole=True)) as history:
        history.append([busy(3)])
    (line,) = fake.lines["raw"]
    fields = line.split(" ")[1].split(",")
    assert {'heating="on"', "present=true", "entered=6i", 'charger_p1_state="charging"'} <= {
        *fields
    }


def test_reports_of_one_microsecond_lie_apart_and_a_repeat_lies_where_it_was(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    history.append([busy(seq, MINUTE) for seq in range(1, 500)])
    with closing(InfluxHistory(fake.place, BUCKETS, SHANGHAI)) as another:
        another.append([busy(seq, MINUTE) for seq in range(1, 500)])
    times = [line.rsplit(" ", 1)[1] for line in fake.lines["raw"]]
    assert len(times) == 2 * 499
    assert len({*times}) == 499


# What is not a success
@pytest.mark.parametrize(
    "answer",
    [
        Answer(401, "unauthorized", "unauthorized access"),
        Answer(404, "not found", 'bucket "raw" not found'),
        Answer(429, "too many requests", "later"),
        Answer(500, "internal error", "unexpected error writing points to database: timeout"),
        Answer(503, "unavailable", "the server is starting"),
        Answer(0),
    ],
    ids=lambda answer: str(answer.status),
)
def test_what_was_not_written_is_not_stored_and_comes_again(
    fake: FakeInflux, history: InfluxHistory, answer: Answer
) -> None:
    history.append([busy(1)])
    fake.judge = lambda bucket, _: answer if bucket == "raw" else TAKEN
    for _ in range(2):
        with pytest.raises(HistoryAway):
            history.append([busy(2), busy(1, station="xf-beidajie")])
    assert [one.report.seq for one in history.latest()] == [1]
    fake.judge = lambda *_: TAKEN
    sent = [busy(2), busy(1, station="xf-beidajie")]
    assert list(history.append(sent)) == sent
    assert len(list(history.latest())) == 2


def test_the_server_says_how_long_it_wants_to_be_left_alone(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    fake.judge = lambda *_: Answer(429, "too many requests", "later", retry_after="7")
    with pytest.raises(HistoryAway) as away:
        history.append([busy(1)])
    assert away.value.patience == timedelta(seconds=7)


def test_a_server_that_does_not_answer_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        place = Place(f"http://127.0.0.1:{port}", "warm", "t", timedelta(milliseconds=200))
        with closing(InfluxHistory(place, BUCKETS, SHANGHAI)) as history:
            with pytest.raises(HistoryAway):
                history.append([busy(1)])
            with pytest.raises(HistoryAway):
                history.latest()


def test_a_report_whose_flush_failed_is_answered_for_once_it_is_flushed(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    """The first of a stream is flushed at once: until that is written it is not stored."""
    fake.judge = lambda bucket, lines: (
        Answer(503, "unavailable", "") if lines[0].startswith("redo") else TAKEN
    )
    with pytest.raises(HistoryAway):
        history.append([busy(1)])
    fake.judge = lambda *_: TAKEN
    assert list(history.append([busy(1), busy(2)])) == [busy(1), busy(2)]
    assert list(history.append([busy(1), busy(2)])) == []
    assert quarters(history) == told(busy(1), busy(2))


def test_what_a_flush_had_begun_is_finished_before_anything_else(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    def half(bucket: str, lines: list[str]) -> Answer:
        is_own = bucket == "raw" or lines[0].startswith(("redo", "shape"))
        return TAKEN if is_own else Answer(503, "unavailable", "")

    fake.judge = half
    with pytest.raises(HistoryAway):
        history.append([busy(1)])
    with pytest.raises(HistoryAway):
        history.append([busy(2)])
    assert not [line for line in fake.lines["kept"] if line.startswith("usage")]
    fake.judge = lambda *_: TAKEN
    assert list(history.append([busy(2)])) == [busy(2)]
    assert [line for line in fake.lines["kept"] if line.startswith("usage_quarter")]
    assert quarters(history) == told(busy(1), busy(2))


# What the server never takes
def conflict(bad: str) -> Answer:
    text = (
        f"failure writing points to database: partial write: field type conflict: {bad} dropped=1"
    )
    return Answer(422, "unprocessable entity", text)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_refused_lines_are_told_and_the_rest_is_stored(
    fake: FakeInflux, history: InfluxHistory, status: int
) -> None:
    history.append([live(1)])
    bad = {7, 8, 31}

    def judge(_bucket: str, lines: list[str]) -> Answer:
        seqs = {int(found) for line in lines for found in re.findall(r",seq=(\d+)i", line)}
        return Answer(status, "invalid", "no") if bad & seqs else TAKEN

    fake.judge, fake.writes = judge, 0
    sent = [live(seq) for seq in range(1, 41)]
    with pytest.raises(PartlyRefused) as error:
        history.append([*sent, live(7)])
    assert [one.report.seq for one, _ in error.value.refused] == [7, 8, 31, 7]
    assert {one.report.seq for one in error.value.fresh} == {*range(2, 41)} - bad
    assert fake.writes < 40
    stored = {int(found) for line in fake.lines["raw"] for found in re.findall(r"seq=(\d+)", line)}
    assert stored == {*range(1, 41)} - bad
    fake.judge = lambda *_: TAKEN
    assert {one.report.seq for one in history.append(sent)} == bad
    assert quarters(history) == told(*sent)


def test_sums_that_are_refused_need_a_person(fake: FakeInflux, history: InfluxHistory) -> None:
    fake.judge = lambda bucket, _: conflict("usage") if bucket == "kept" else TAKEN
    with pytest.raises(HistoryBroken):
        history.append([busy(1)])


def test_a_reader_writes_nothing(fake: FakeInflux) -> None:
    with closing(InfluxHistory(fake.place, BUCKETS, SHANGHAI, is_reader=True)) as reader:
        assert list(reader.latest()) == []
        with pytest.raises(HistoryAway):
            reader.append([busy(1)])
    assert fake.writes == 0


# What waits for its flush
def flushed(fake: FakeInflux) -> set[str]:
    """Stations that were flushed since the last call."""
    lines, fake.lines = fake.lines, {}
    found = [re.match(r"station,station=([^ ]+)", line) for line in lines.get("kept", [])]
    return {one[1] for one in found if one}


def test_a_city_is_flushed_a_share_at_a_time(fake: FakeInflux, history: InfluxHistory) -> None:
    names = [f"st-{number}" for number in range(24)]
    done: list[set[str]] = []
    for minute in range(5):
        for second in range(0, 60, 5):
            at = minute * MINUTE + timedelta(seconds=second)
            seq = minute * 12 + second // 5 + 1
            history.append([busy(seq, at, station=name) for name in names])
            done.append(flushed(fake))
    assert done[0] == {*names}, "the first of a stream is flushed at once"
    assert max(map(len, done[1:])) == 2
    assert set().union(*done[1:49]) == {*names}, "nobody waits for more than four minutes"


def test_late_reports_do_not_keep_others_from_their_flush(
    fake: FakeInflux, history: InfluxHistory
) -> None:
    done: set[str] = set()
    for second in range(0, 200, 4):
        at = timedelta(seconds=second)
        late = START + at + timedelta(hours=1)
        history.append(
            [
                busy(second // 4 + 1, at + timedelta(hours=1)),
                busy(second // 4 + 1, at, station="xf-beidajie", received_at=late),
            ]
        )
        if second:
            done |= flushed(fake)
    assert "ks-songnan" in done
