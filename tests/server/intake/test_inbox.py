"""The inbox: in order, bounded, and nobody waits for ever."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.registered import NOON, received
from warmstation_server.conditions.chargers import dangers
from warmstation_server.intake import Message
from warmstation_server.intake.inbox import Inbox
from warmstation_server.intake.urgent import is_urgent
from warmstation_wire.examples import REPORT

AT_ONCE = timedelta(0)
LONG = timedelta(seconds=10 * PATIENCE_S)


def message(number: int) -> Message:
    return Message(f"topic/{number}", b"", NOON)


def test_messages_come_out_in_order_up_to_the_limit() -> None:
    inbox = Inbox(10)
    for number in range(5):
        inbox.put([message(number)])
    assert inbox.take(3, AT_ONCE) == [message(0), message(1), message(2)]
    assert inbox.take(3, AT_ONCE) == [message(3), message(4)]
    assert inbox.take(3, AT_ONCE) == []


def test_a_full_inbox_makes_the_network_wait_until_there_is_room() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    network = threading.Thread(target=inbox.put, args=([message(1)],))
    network.start()
    assert inbox.take(1, AT_ONCE) == [message(0)]
    network.join(PATIENCE_S)
    assert inbox.take(1, AT_ONCE) == [message(1)]


def test_closing_lets_go_of_whoever_waits_to_put() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    answers: list[bool] = []
    network = threading.Thread(target=lambda: answers.append(inbox.put([message(1)])))
    network.start()
    inbox.close()
    network.join(PATIENCE_S)
    assert answers == [False]


def test_a_message_wakes_whoever_waits_to_take() -> None:
    inbox = Inbox(1)
    taken: list[list[Message]] = []
    pipeline = threading.Thread(target=lambda: taken.append(inbox.take(1, LONG)))
    pipeline.start()
    inbox.put([message(0)])
    pipeline.join(PATIENCE_S)
    assert taken == [[message(0)]]


def test_a_closed_inbox_gives_nothing_and_does_not_wait() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    inbox.close()
    assert inbox.take(1, LONG) == []


SMOKE = Message("topic/1", b'{"safety":{"smoke":true}}', NOON)


def test_danger_is_seen_at_once_and_comes_again_in_its_turn() -> None:
    inbox = Inbox(10)
    inbox.put([message(0), SMOKE, message(2)])
    assert inbox.urgent(AT_ONCE) == [SMOKE]
    assert inbox.urgent(AT_ONCE) == []
    assert inbox.take(10, AT_ONCE) == [message(0), SMOKE, message(2)]


def test_danger_waits_for_no_room() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    network = threading.Thread(target=inbox.put, args=([SMOKE],))
    network.start()
    assert inbox.urgent(LONG) == [SMOKE]
    inbox.close()
    network.join(PATIENCE_S)


@pytest.mark.parametrize(
    ("payload", "urgent"),
    [
        (b'{"safety":{"smoke":true}}', True),
        (b'{"safety": {"smoke" : true}}', True),
        (b'{"safety":{"smoke":false,"contactor":"closed"}}', False),
        (b'{"faults":[{"sensor":"e1","reason":"overheat"}]}', True),
        (b'{"faults":[{"sensor":"e1","reason":"overcurrent"}]}', True),
        (b'{"faults":[{"sensor":"e1.contactor","reason":"welded"}]}', True),
        (b'{"faults":[{"sensor":"outlet","reason":"crc"}]}', False),
    ],
)
def test_what_a_diagnosis_calls_dangerous_is_seen_in_the_bytes(
    payload: bytes, urgent: bool
) -> None:
    assert is_urgent(Message("topic", payload, NOON)) is urgent


def test_every_danger_that_a_report_can_tell_is_urgent() -> None:
    for parts in (
        {"safety": {"smoke": True}},
        {"faults": [{"sensor": "p1", "reason": "overheat"}]},
        {"faults": [{"sensor": "p1", "reason": "overcurrent"}]},
        {"faults": [{"sensor": "e1.contactor", "reason": "stuck"}]},
    ):
        said = received(1, **parts)
        assert dangers(said)
        assert is_urgent(Message("topic", said.report.to_json(), NOON))
    assert not is_urgent(Message("topic", REPORT.to_json(), NOON))
