"""The inbox: in order, bounded, and nobody waits for ever."""

from __future__ import annotations

import threading
from datetime import timedelta

from tests.support.registered import NOON
from warmstation_server.intake import Message
from warmstation_server.intake.inbox import Inbox

AT_ONCE = timedelta(0)
LONG = timedelta(seconds=10)


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
    network.join(10)
    assert inbox.take(1, AT_ONCE) == [message(1)]


def test_closing_lets_go_of_whoever_waits_to_put() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    answers: list[bool] = []
    network = threading.Thread(target=lambda: answers.append(inbox.put([message(1)])))
    network.start()
    inbox.close()
    network.join(10)
    assert answers == [False]


def test_a_message_wakes_whoever_waits_to_take() -> None:
    inbox = Inbox(1)
    taken: list[list[Message]] = []
    pipeline = threading.Thread(target=lambda: taken.append(inbox.take(1, LONG)))
    pipeline.start()
    inbox.put([message(0)])
    pipeline.join(5)
    assert taken == [[message(0)]]


def test_a_closed_inbox_gives_nothing_and_does_not_wait() -> None:
    inbox = Inbox(1)
    inbox.put([message(0)])
    inbox.close()
    assert inbox.take(1, LONG) == []
