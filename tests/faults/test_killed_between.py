"""Killed anywhere between a report and its delivered message: nothing is lost, at most one repeats.

The ordinary run dies by an exception that nothing catches, in one process; `make prove` kills real
processes at the same points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.alert_process import POINTS, STATIONS, run
from tests.support.nursery import DIED, nursery
from tests.support.vendors import Vendor, vendor

LATER = timedelta(minutes=5)
"""Behind every lease of the dead one; twice as long is not yet so late that nobody is told."""


Serve = Callable[[Path, Vendor, str, timedelta], int]


class Killed(BaseException):
    """No `except Exception` lives through it."""


def texts(bot: Vendor) -> list[str]:
    return [asked.json()["markdown"]["content"] for asked in bot.asked]


def all_is_told_and_at_most_one_message_twice(bot: Vendor) -> None:
    said = texts(bot)
    assert sum("烟雾报警" in text for text in said) >= 1
    for place in STATIONS[1:]:
        assert any("充电口停用" in text for text in said), place.id
    assert sum(text.count("充电口停用") for text in said) >= len(STATIONS) - 1
    keys = [text.rpartition("编号 ")[2] for text in said]
    repeated = [key for key in set(keys) if keys.count(key) > 1]
    assert len(keys) - len(set(keys)) <= 1
    for key in repeated:
        assert "可能重复" in said[len(keys) - 1 - keys[::-1].index(key)]


def dies_at(point: str, directory: Path, bot: Vendor) -> None:
    def passed(here: str) -> None:
        if here == point:
            raise Killed

    with pytest.raises(Killed):
        run(directory, bot.url, passed, timedelta(0))


@pytest.mark.parametrize("point", POINTS)
def test_a_server_that_ends_anywhere_loses_no_notification(point: str, tmp_path: Path) -> None:
    with vendor() as bot:
        dies_at(point, tmp_path, bot)
        run(tmp_path, bot.url, lambda _point: None, LATER)
        all_is_told_and_at_most_one_message_twice(bot)


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """A server of its own for each call; how it ended."""
    with nursery("tests.support.alert_process") as servers:

        def serve(directory: Path, bot: Vendor, point: str, later: timedelta) -> int:
            servers.start(str(directory), bot.url, point, later.total_seconds())
            return servers.ended()

        yield serve


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("again", ["acknowledged", "committed", "sent"])
def test_a_process_killed_twice_loses_no_notification(
    point: str, again: str, serve: Serve, tmp_path: Path
) -> None:
    with vendor() as bot:
        assert serve(tmp_path, bot, point, timedelta(0)) == DIED
        assert serve(tmp_path, bot, again, LATER) in (0, DIED)
        assert serve(tmp_path, bot, "-", 2 * LATER) == 0
        said = texts(bot)
        assert any("烟雾报警" in text for text in said)
        assert sum(text.count("充电口停用") for text in said) >= len(STATIONS) - 1
