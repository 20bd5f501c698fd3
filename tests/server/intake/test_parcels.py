"""What travels between the server and its intake process comes out as it went in."""

from __future__ import annotations

import io
import json
import marshal
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.registered import DISTRICT, NOON, message, report, station
from warmstation_server.batch import sorted_out
from warmstation_server.history import Received
from warmstation_server.history.codec import flatten
from warmstation_server.intake import Message
from warmstation_server.intake.accept import accept
from warmstation_server.intake.parcels import framed, packed, unframed, unpacked
from warmstation_wire import BadPayload, Report
from warmstation_wire.examples import REPORT

STATIONS = {"ks-songnan": station()}
TOPIC = f"warmstation/v1/{DISTRICT}/ks-songnan"
FIELDS: dict[str, Any] = json.loads(REPORT.to_json())
PARTS = ("climate", "door", "people", "chargers", "supplies", "safety", "faults", "agent")


def travelled(messages: list[Message], generation: int = 0) -> list[Message]:
    return list(unpacked(marshal.loads(marshal.dumps(packed(messages))), generation))


def said(one: Message) -> Received:
    assert one.said is not None
    return one.said


def fields(left_out: set[str], zeroed: bool, memory: int | None) -> bytes:
    known = {name: part for name, part in FIELDS.items() if name not in left_out}
    if zeroed and "people" in known:
        known["people"] = known["people"] | {"zeroed": {"by": "staff", "counted": 3}}
    if memory is not None and "agent" in known:
        known["agent"] = known["agent"] | {"memory_free_mb": memory}
    return json.dumps(known).encode()


@given(
    st.sets(st.sampled_from(PARTS)),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 9_000)),
    st.integers(1, 2**53 - 1),
)
@settings(max_examples=80)
def test_any_report_is_the_same_on_the_other_side(
    left_out: set[str], zeroed: bool, memory: int | None, seq: int
) -> None:
    payload = fields(left_out, zeroed, memory).replace(b'"seq": 1234', b'"seq": %d' % seq)
    sent = Message(TOPIC + "/report", payload, NOON + timedelta(microseconds=7), 3, 9)
    (came,) = travelled([sent])
    here = accept(sent, STATIONS)
    assert isinstance(here, Received)
    assert accept(came, STATIONS) == here
    there = said(came)
    assert json.loads(there.report.to_json()) == json.loads(here.report.to_json())
    assert (there.station, there.stream, there.seq) == ("ks-songnan", "9f3c", seq)
    assert there.measured_us == here.measured_us
    assert there.flat is not None
    assert there.flat.texts == flatten(here.report, DISTRICT).texts
    assert came[:1] + came[2:5] == sent[:1] + sent[2:5]


def test_what_is_refused_travels_as_it_came_and_is_refused_in_the_same_words() -> None:
    sent = [
        message(report(1))._replace(payload=b'{"v":1'),
        message(report(2))._replace(topic=f"{TOPIC}-2/report"),
        Message("elsewhere", b"{}", NOON),
        Message(f"{TOPIC}/presence", b'{"v":1,"online":7}', NOON),
        Message(f"{TOPIC}/report", b"\xff", NOON),
    ]
    for one, came in zip(sent, travelled(sent), strict=True):
        assert came == one
        with pytest.raises(BadPayload) as here:
            accept(one, STATIONS)
        with pytest.raises(BadPayload) as there:
            accept(came, STATIONS)
        assert str(there.value) == str(here.value)


def test_a_report_of_an_unknown_station_is_a_dead_letter_with_its_report() -> None:
    (came,) = travelled([message(report(7))])
    (letter,) = sorted_out([came], {}).refused
    assert letter.reason == "unknown_station"
    assert Report.model_validate_json(letter.payload) == report(7)


def test_each_process_has_sessions_of_its_own() -> None:
    sent = [message(report(1), session=5)]
    assert travelled(sent, 1)[0].session != travelled(sent, 2)[0].session


def test_parcels_are_taken_off_a_stream_whole_and_a_cut_one_not_at_all() -> None:
    whole = framed((1, "a")) + framed([2.5, b"b"])
    assert list(unframed(io.BytesIO(whole))) == [(1, "a"), [2.5, b"b"]]
    for cut in range(len(whole)):
        assert len(list(unframed(io.BytesIO(whole[:cut])))) == (cut >= len(framed((1, "a"))))
