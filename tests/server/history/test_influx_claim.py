"""Two servers and one pair of buckets: one writes, the other waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.reports import MINUTE, START, busy
from tests.support import influx
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_claim import LEASE_S, RENEWAL_S, SETTLE_S, Claim
from warmstation_server.history.influx_door import Door

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Shared:
    """A bucket that holds one marker, and a clock. `meanwhile` happens while somebody waits."""

    text: str = ""
    now_s: float = 0.0
    is_away: bool = False
    meanwhile: Callable[[], object] = field(default=lambda: None)

    def write(self, _bucket: str, lines: list[str]) -> None:
        """See Door."""
        self._reach()
        self.text = lines[0].partition("text=")[2].removesuffix(" 0")[1:-1].replace('\\"', '"')

    def rows(self, _flux: str, _params: object) -> Iterator[dict[str, str]]:
        """See Door."""
        self._reach()
        return iter([{"_value": self.text}] if self.text else [])

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now_s += seconds
        self.meanwhile()

    def claim(self, holder: str) -> Claim:
        """A server that shares this bucket."""
        return Claim(cast(Door, self), "kept", holder, lambda: self.now_s, self.wait)

    def _reach(self) -> None:
        if self.is_away:
            raise HistoryAway("cut off")


@pytest.fixture
def shared() -> Shared:
    return Shared()


def refused(claim: Claim) -> bool:
    try:
        claim.hold()
    except HistoryAway:
        return True
    return False


def test_a_second_server_is_told_who_writes_and_to_have_buckets_of_its_own(shared: Shared) -> None:
    assert shared.claim("one").hold() is False, "all must be read before the first word is written"
    with pytest.raises(HistoryAway, match=r"Another server \(one\) writes to bucket kept: give"):
        shared.claim("two").hold()


def test_a_holder_that_goes_on_keeps_it_however_long_the_other_one_asks(shared: Shared) -> None:
    one, two = shared.claim("one"), shared.claim("two")
    one.hold()
    for _ in range(20):
        shared.now_s += RENEWAL_S
        assert one.hold()
        assert refused(two)


def test_a_silent_holder_is_replaced_after_its_lease_and_must_read_anew(shared: Shared) -> None:
    one, two = shared.claim("one"), shared.claim("two")
    one.hold()
    assert refused(two)
    shared.now_s += LEASE_S - 1
    assert refused(two)
    shared.now_s += 1
    assert two.hold() is False
    assert refused(one), "it has slept, and is no writer any more"
    two.leave()
    assert one.hold() is False


def test_a_killed_server_need_not_wait_for_itself(shared: Shared) -> None:
    shared.claim("one").hold()
    assert shared.claim("one").hold() is False


def test_two_with_one_name_do_not_take_it_from_each_other_in_turns(shared: Shared) -> None:
    one, restored = shared.claim("one"), shared.claim("one")
    one.hold()
    restored.hold()
    shared.now_s += RENEWAL_S
    assert refused(one)
    assert restored.hold()


def test_of_two_that_begin_at_once_one_has_it(shared: Shared) -> None:
    one, two = shared.claim("one"), shared.claim("two")
    written: list[bool] = []

    def the_other_one_is_in_the_midst_of_the_same() -> None:
        if not written:
            written.append(True)
            two._beat()  # it had looked before there was a marker

    shared.meanwhile = the_other_one_is_in_the_midst_of_the_same
    assert refused(one)
    assert shared.now_s == SETTLE_S


def test_a_database_that_was_away_for_long_takes_nothing_from_its_writer(shared: Shared) -> None:
    one = shared.claim("one")
    one.hold()
    shared.is_away = True
    shared.now_s += 10 * LEASE_S
    assert refused(one)
    shared.is_away = False
    assert one.hold() is True


# On a real server


@pytest.fixture
def open_as() -> Iterator[Callable[[str], InfluxHistory]]:
    with ExitStack() as stack:
        where = stack.enter_context(influx.fresh_buckets(influx.place()))

        def opened(writer: str) -> InfluxHistory:
            made = InfluxHistory(*where, SHANGHAI, writer=writer)
            return stack.enter_context(closing(made))

        yield opened


def test_a_second_server_neither_writes_nor_reads_until_the_first_one_has_left(
    open_as: Callable[[str], InfluxHistory],
) -> None:
    first, second = open_as("one"), open_as("two")
    assert len(first.append([busy(1)])) == 1
    with pytest.raises(HistoryAway, match="Another server"):
        second.append([busy(2)])
    with pytest.raises(HistoryAway, match="Another server"):
        list(second.latest())
    first.append([busy(2)])
    first.close()
    assert list(second.append([busy(2), busy(3)])) == [busy(3)]
    found = list(second.reports("ks-songnan", START, START + 10 * MINUTE))
    assert [one.report.seq for one in found] == [1, 2, 3]


def test_a_killed_writer_comes_back_at_once_and_counts_nothing_twice(
    open_as: Callable[[str], InfluxHistory],
) -> None:
    open_as("one").append([busy(1), busy(2)])  # and is never closed
    again = open_as("one")
    assert list(again.append([busy(2), busy(3)])) == [busy(3)]
