"""What the intake takes, and the one reason for which it refuses the rest."""

from __future__ import annotations

import pytest

from tests.support.registered import DISTRICT, NOON, message, report, station
from warmstation_server.batch import sorted_out
from warmstation_server.history import Received
from warmstation_server.intake import Message
from warmstation_server.intake.accept import Heard, accept
from warmstation_wire import BadPayload, Presence, Refusal

STATIONS = {"ks-songnan": station()}
BASE = f"warmstation/v1/{DISTRICT}/ks-songnan"


def test_a_report_of_a_registered_station_is_taken() -> None:
    said = report()
    assert accept(message(said), STATIONS) == Received(said, DISTRICT, NOON)


def test_presence_is_heard() -> None:
    heard = accept(Message(f"{BASE}/presence", b'{"v":1,"online":false}', NOON), STATIONS)
    assert heard == Heard("ks-songnan", Presence(online=False))


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (f"{BASE}/report", b"{", Refusal.NOT_JSON),
        (f"{BASE}/report", b"x" * 16_385, Refusal.TOO_LARGE),
        (f"{BASE}/report/more", b"{}", Refusal.TOPIC),
        (f"{BASE}/status", b"{}", Refusal.TOPIC),
        ("(not UTF-8)", b"{}", Refusal.TOPIC),
        (f"{BASE}/presence", b'{"v":1}', Refusal.MISSING),
        (
            "warmstation/v1/kunshan/ks-other/report",
            report().to_json(),
            Refusal.STATION_MISMATCH,
        ),
        (
            "warmstation/v1/suzhou/ks-songnan/report",
            report().to_json(),
            Refusal.STATION_MISMATCH,
        ),
        (
            "warmstation/v1/kunshan/ks-other/report",
            report(station="ks-other").to_json(),
            Refusal.UNKNOWN_STATION,
        ),
        (
            "warmstation/v1/kunshan/ks-other/presence",
            b'{"v":1,"online":true}',
            Refusal.UNKNOWN_STATION,
        ),
    ],
)
def test_the_rest_is_refused_with_its_reason(topic: str, payload: bytes, reason: Refusal) -> None:
    with pytest.raises(BadPayload) as refusal:
        accept(Message(topic, payload, NOON), STATIONS)
    assert refusal.value.reason is reason


def test_one_bad_message_does_not_spoil_the_batch() -> None:
    good, bad = message(report(1)), message(report(2))._replace(payload=b"[]")
    batch = sorted_out([bad, good], STATIONS)
    assert [one.report.seq for one in batch.received] == [1]
    assert [(one.reason, one.payload) for one in batch.refused] == [("not_object", b"[]")]
    assert list(batch.messages) == [bad, good]
