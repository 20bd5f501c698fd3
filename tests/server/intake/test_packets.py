"""MQTT packets: written as the standard says, cut out of a stream in any pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.intake import packets
from warmstation_server.intake.packets import Incoming, Kind, Malformed, Outgoing, Splitter

STREAM = (
    b"\x20\x02\x01\x00"
    + packets.publish(Outgoing("a/b", b"x" * 300), 7)
    + packets.pubacks([1, 65_535])
    + b"\xd0\x00"
)


def test_connect_keeps_the_session_and_says_who_it_is() -> None:
    assert packets.connect("ws", 30, "u", "pä") == (
        b"\x10\x16\x00\x04MQTT\x04\xc0\x00\x1e\x00\x02ws\x00\x01u\x00\x03p\xc3\xa4"
    )


def test_connect_without_a_user_has_no_such_fields() -> None:
    assert packets.connect("ws", 30, None, None)[9:] == b"\x00\x00\x1e\x00\x02ws"


def test_subscribe_asks_for_qos_1() -> None:
    assert packets.subscribe(3, ["a", "b"]) == b"\x82\x0a\x00\x03\x00\x01a\x01\x00\x01b\x01"


def test_publish_at_qos_1_retained_or_not() -> None:
    assert packets.publish(Outgoing("t", b"hi"), 258) == b"\x32\x07\x00\x01t\x01\x02hi"
    assert packets.publish(Outgoing("t", b"hi", retain=True), 1)[0] == 0x33


def test_a_long_packet_has_a_longer_length() -> None:
    assert packets.publish(Outgoing("t", b"x" * 200), 1)[:3] == b"\x32\xcd\x01"


def test_what_is_published_is_read_back() -> None:
    ((kind, flags, body),) = Splitter().packets(packets.publish(Outgoing("a/b", b"hi"), 9))
    assert kind == Kind.PUBLISH
    assert packets.incoming(flags, body) == Incoming("a/b", b"hi", 9)


def test_a_message_of_qos_0_has_no_number() -> None:
    assert packets.incoming(0, b"\x00\x01thi") == Incoming("t", b"hi", 0)


def test_a_topic_that_is_not_text_is_no_reason_to_fall_over() -> None:
    assert packets.incoming(2, b"\x00\x01\xff\x00\x01hi") == Incoming("(not UTF-8)", b"hi", 1)


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_packets_come_out_whole_however_the_stream_is_cut(cuts: list[int]) -> None:
    splitter, found = Splitter(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(edges):
        found += list(splitter.packets(STREAM[start:end]))
    assert [kind for kind, _, _ in found] == [
        Kind.CONNACK,
        Kind.PUBLISH,
        Kind.PUBACK,
        Kind.PUBACK,
        Kind.PINGRESP,
    ]


@pytest.mark.parametrize("data", [b"\x30\xff\xff\xff\x7f", b"\x30\xff\xff\xff\xff\xff"])
def test_a_stream_out_of_step_is_noticed(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(Splitter().packets(data))


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x05ab", b"\x00\x01t\x00"])
def test_a_publish_that_is_cut_short_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        packets.incoming(2, body)
