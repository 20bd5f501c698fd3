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


def taken_off(data: bytes) -> tuple[list[Incoming], int]:
    found: list[Incoming] = []
    return found, packets.taken_off(data, 0, found)


@pytest.mark.parametrize("size", [2, 127, 128, 20_000, 3_000_000])
def test_what_is_published_is_read_back(size: int) -> None:
    data = packets.publish(Outgoing("a/b", b"x" * size), 9)
    assert taken_off(data) == ([Incoming("a/b", b"x" * size, 9)], len(data))


def test_a_message_of_qos_0_has_no_number() -> None:
    assert taken_off(b"\x30\x05\x00\x01thi")[0] == [Incoming("t", b"hi", 0)]


def test_a_topic_that_is_not_text_is_no_reason_to_fall_over() -> None:
    assert taken_off(b"\x32\x07\x00\x01\xff\x00\x01hi")[0] == [Incoming("(not UTF-8)", b"hi", 1)]


def test_it_ends_before_what_is_not_whole_and_before_what_is_of_another_kind() -> None:
    whole = packets.publish(Outgoing("t", b"x" * 200), 1) + packets.pubacks([7])
    for cut in range(1, 205):
        assert taken_off(whole + whole[:cut]) == ([Incoming("t", b"x" * 200, 1)], len(whole))
    for other in (b"\xd0\x00", b"\x20\x02\x00\x00", b"\x34\x07\x00\x01t\x00\x01hi"):
        assert taken_off(whole + other + whole)[1] == len(whole)


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x05ab", b"\x00\x01t\x00"])
def test_a_publish_that_is_cut_short_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        taken_off(b"\x32" + bytes((len(body),)) + body)


def test_a_length_without_end_is_malformed() -> None:
    with pytest.raises(Malformed):
        taken_off(b"\x32\xff\xff\xff\xff\x01")
