"""Receipts as the stations get them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.registered import received
from warmstation_server.intake.packets import Outgoing
from warmstation_server.publish.mqtt import MAX_RANGES, receipts, send_receipts
from warmstation_wire import Receipt, decode
from warmstation_wire.parts import MAX_COUNT


class Outbox:
    """Takes everything, or nothing while the broker is away."""

    connections = 1

    def __init__(self, is_away: bool = False) -> None:
        self.is_away = is_away
        self.sent: list[Outgoing] = []

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        self.sent += [] if self.is_away else messages
        return not self.is_away


@pytest.mark.parametrize("seqs", [[7], [1200, 1202, 1201, 1300], [MAX_COUNT]])
def test_a_receipt_reads_as_the_contract_has_it(seqs: list[int]) -> None:
    assert receipts("9f3c", seqs) == [Receipt.of("9f3c", seqs).to_json()]


def test_too_many_gaps_for_one_receipt_make_more_of_them() -> None:
    seqs = range(1, 4 * MAX_RANGES, 2)
    found = [decode(Receipt, one) for one in receipts("9f3c", seqs)]
    assert len(found) == 2
    assert [first for one in found for first, _ in one.bounds()] == list(seqs)


def test_each_stream_has_its_own_receipt() -> None:
    outbox = Outbox()
    assert send_receipts(outbox, [received(1), received(1, stream="aaaa"), received(2)]) == (2, 0)
    assert {message.topic for message in outbox.sent} == {
        "warmstation/v1/kunshan/ks-songnan/receipt"
    }


def test_receipts_that_the_broker_does_not_take_are_counted() -> None:
    assert send_receipts(Outbox(is_away=True), [received(1)]) == (0, 1)


def test_nothing_committed_nothing_sent() -> None:
    outbox = Outbox(is_away=True)
    assert send_receipts(outbox, []) == (0, 0)
