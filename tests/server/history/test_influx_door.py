"""How big batches get to an InfluxDB that answers as documented."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.influx_fake import TAKEN, Answer, fake_influx
from tests.support.influx_manners import ENDS
from tests.support.patience import PATIENCE_S
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx_door import LINES_AT_ONCE, Door


def test_a_big_batch_is_sent_in_pieces_and_a_refused_line_is_found_by_its_number() -> None:
    sizes: list[int] = []

    def judge(_bucket: str, lines: list[str]) -> Answer:
        sizes.append(len(lines))
        return Answer(400, "invalid", "not this one") if "bad v=1" in lines else TAKEN

    lines = [f"good v={number}" for number in range(2_500)]
    lines[1_777] = "bad v=1"
    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.judge = judge
        (refused,) = door.write_all_but_refused("raw", lines)
    assert refused.number == 1_777
    assert max(sizes) == LINES_AT_ONCE
    assert sorted(fake.lines["raw"]) == sorted(line for line in lines if line != "bad v=1")


def test_a_batch_counts_when_all_its_pieces_do_and_nothing_is_under_way_when_one_does_not() -> None:
    lines = [f"good v={number}" for number in range(3 * LINES_AT_ONCE)]
    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.judge = lambda _, part: Answer(503, "busy", "") if lines[0] in part else TAKEN
        with pytest.raises(HistoryAway):
            door.write_all_but_refused("raw", lines)
        assert sorted(fake.lines["raw"]) == sorted(lines[LINES_AT_ONCE:])


def test_an_answer_that_ends_its_connection_is_read_first() -> None:
    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.manner = lambda _number, _path: ENDS
        for _ in range(2):
            rows = list(door.rows("from(bucket: bucket)", {"bucket": "raw"}))
            assert [row["_value"] for row in rows] == ["7"] * 9_999


def test_a_piece_is_sent_while_the_next_one_is_made_and_others_work_until_all_are_stored() -> None:
    came, worked = threading.Event(), threading.Event()

    def judge(_bucket: str, lines: list[str]) -> Answer:
        came.set()
        return TAKEN if worked.wait(PATIENCE_S) else Answer(503, "busy", "")

    def lines() -> Iterator[str]:
        for number in range(LINES_AT_ONCE + 1):
            assert number < LINES_AT_ONCE or came.wait(PATIENCE_S)
            yield f"good v={number}"

    def meanwhile() -> bool:
        worked.set()
        return True

    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.judge = judge
        assert door.write_all_but_refused("raw", lines(), meanwhile) == []
        assert len(fake.lines["raw"]) == LINES_AT_ONCE + 1


def test_when_work_meanwhile_fails_nothing_is_under_way_any_more() -> None:
    failed = threading.Event()

    def judge(_bucket: str, _lines: list[str]) -> Answer:
        return TAKEN if failed.wait(PATIENCE_S) else Answer(503, "busy", "")

    def meanwhile() -> bool:
        failed.set()
        raise ZeroDivisionError

    lines = [f"good v={number}" for number in range(2 * LINES_AT_ONCE)]
    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.judge = judge
        with pytest.raises(ZeroDivisionError):
            door.write_all_but_refused("raw", lines, meanwhile)
        assert len(fake.lines["raw"]) == len(lines)
