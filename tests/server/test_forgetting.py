"""What is too old goes a piece at a time, once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from warmstation_server.forgetting import Forgetting
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
RETENTION = timedelta(days=90)


class Piecemeal(MemoryHistory):
    """Has so many reports left to forget, and forgets ten at once."""

    def __init__(self, left: int) -> None:
        super().__init__(ZoneInfo("UTC"))
        self.left, self.asked, self.is_away = left, list[datetime](), False

    def expire(self, before: datetime) -> int:
        """Some of them."""
        if self.is_away:
            raise HistoryAway("not now")
        self.asked.append(before)
        gone = min(10, self.left)
        self.left -= gone
        return gone


def turns(forgetting: Forgetting, start: datetime, count: int) -> None:
    for second in range(count):
        forgetting.turn(start + second * SECOND)


def test_each_turn_forgets_a_piece_up_to_one_and_the_same_moment() -> None:
    history = Piecemeal(left=35)
    forgetting = Forgetting(history, RETENTION, NOW - timedelta(minutes=1))

    turns(forgetting, NOW, 3)
    assert history.left == 5

    turns(forgetting, NOW + 3 * SECOND, 60)
    assert history.left == 0
    assert history.asked == [NOW - RETENTION] * 5


def test_the_next_day_it_begins_anew() -> None:
    history = Piecemeal(left=0)
    forgetting = Forgetting(history, RETENTION, NOW - timedelta(minutes=1))

    turns(forgetting, NOW, 5)
    turns(forgetting, NOW + DAY, 5)

    assert history.asked == [NOW - RETENTION, NOW + DAY - RETENTION]


def test_a_history_that_is_away_is_asked_tomorrow(caplog: pytest.LogCaptureFixture) -> None:
    history = Piecemeal(left=35)
    forgetting = Forgetting(history, RETENTION, NOW - timedelta(minutes=1))
    turns(forgetting, NOW, 1)

    history.is_away = True
    turns(forgetting, NOW + SECOND, 10)
    assert caplog.text.count("forgotten tomorrow") == 1

    history.is_away = False
    turns(forgetting, NOW + DAY + SECOND, 10)
    assert history.left == 0
