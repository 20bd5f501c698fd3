"""MQTT packets: written as the standard says, and taken apart again."""

from __future__ import annotations

import pytest

from warmstation_server.intake import packets
from warmstation_server.intake.packets import Incoming, Malformed, Outgoing


def test_publish_at_qos_1_retained_or_not() -> None:
    assert packets.publish(Outgoing("t", b"hi"), 258) == b"\x32\x07\x00\x01t\x01\x02hi"
    assert packets.publish(Outgoing("t", b"hi", retain=True), 1)[0] == 0x33


def test_a_long_packet_has_a_longer_length() -> None:
    assert packets.publish(Outgoing("t", b"x" * 200), 1)[:3] == b"\x32\xcd\x01"


def test_what_is_published_is_read_back() -> None:
    body = packets.publish(Outgoing("a/b", b"hi"), 9)[2:]
    assert packets.incoming(2, body) == Incoming("a/b", b"hi", 9)


def test_a_message_of_qos_0_has_no_number() -> None:
    assert packets.incoming(0, b"\x00\x01thi") == Incoming("t", b"hi", 0)


def test_a_topic_that_is_not_text_is_no_reason_to_fall_over() -> None:
    assert packets.incoming(2, b"\x00\x01\xff\x00\x01hi") == Incoming("(not UTF-8)", b"hi", 1)


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x05ab", b"\x00\x01t\x00"])
def test_a_publish_that_is_cut_short_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        packets.incoming(2, body)
