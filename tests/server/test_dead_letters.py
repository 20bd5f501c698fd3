"""Dead letters: kept, bounded, counted, readable while the server writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.registered import NOON
from warmstation_server.dead_letters import KEPT_BYTES, DeadLetter, DeadLetters
from warmstation_server.errors import BadDataDir


def letter(number: int = 0, payload: bytes = b"{}", reason: str = "not_json") -> DeadLetter:
    return DeadLetter(NOON, f"topic/{number}", reason, "what was wrong", payload, len(payload))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dead-letters.db"


@pytest.fixture
def letters(path: Path) -> Iterator[DeadLetters]:
    with closing(DeadLetters.open(path, max_rows=5, max_bytes=3 * KEPT_BYTES)) as found:
        yield found


def test_a_refused_message_is_kept_as_it_was(letters: DeadLetters) -> None:
    letters.add([letter(1, b"\xff\x00")])
    assert list(letters.newest()) == [letter(1, b"\xff\x00")]


def test_of_a_long_payload_the_beginning_and_the_size_are_kept(letters: DeadLetters) -> None:
    letters.add([letter(1, b"x" * 20_000)])
    (kept,) = letters.newest()
    assert kept.payload == b"x" * KEPT_BYTES
    assert kept.size == 20_000


def test_the_oldest_goes_first_when_there_are_too_many(letters: DeadLetters) -> None:
    letters.add([letter(number) for number in range(4)])
    letters.add([letter(number) for number in range(4, 8)])
    assert [one.topic for one in letters.newest()] == [f"topic/{n}" for n in (7, 6, 5, 4, 3)]


def test_the_oldest_goes_first_when_they_are_too_big(letters: DeadLetters) -> None:
    for number in range(4):
        letters.add([letter(number, b"x" * KEPT_BYTES)])
    assert [one.topic for one in letters.newest()] == ["topic/3", "topic/2", "topic/1"]


def test_what_was_dropped_stays_counted(letters: DeadLetters) -> None:
    letters.add([letter(number) for number in range(20)])
    letters.add([letter(0, reason="missing")])
    assert letters.counts() == {"missing": 1, "not_json": 20}


def test_the_bounds_hold_after_a_restart(letters: DeadLetters, path: Path) -> None:
    letters.add([letter(number) for number in range(5)])
    letters.close()
    with closing(DeadLetters.open(path, max_rows=5)) as again:
        again.add([letter(9)])
        assert [one.topic for one in again.newest()][-1] == "topic/1"


def test_another_process_may_read_meanwhile(letters: DeadLetters, path: Path) -> None:
    with closing(DeadLetters.open(path)) as reader:
        letters.add([letter(1)])
        assert [one.topic for one in reader.newest()] == ["topic/1"]


def test_a_file_that_is_not_ours_is_one_sentence(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(BadDataDir, match="cannot be used for dead letters"):
        DeadLetters.open(path)
