"""What the contract takes and what it refuses, with which one reason."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.json_texts import json_texts
from warmstation_wire import (
    MAX_PAYLOAD_BYTES,
    AgentState,
    BadPayload,
    Charger,
    Climate,
    Door,
    Fault,
    Payload,
    People,
    Refusal,
    Report,
    Safety,
    Supply,
    decode,
)
from warmstation_wire.examples import REPORT
from warmstation_wire.plain import plain_of, plain_report, report_of

WHOLE: dict[str, Any] = json.loads(REPORT.to_json())
_PARTS: dict[str, type[Payload]] = {
    "climate": Climate, "door": Door, "people": People, "safety": Safety, "agent": AgentState,
}  # fmt: skip
_LISTS: dict[str, type[Payload]] = {"chargers": Charger, "supplies": Supply, "faults": Fault}
_PATHS: list[tuple[Any, ...]] = [
    *((name,) for name in Report.model_fields),
    *((part, name) for part, model in _PARTS.items() for name in model.model_fields),
    *((part, 0, name) for part, model in _LISTS.items() for name in model.model_fields),
    *(("people", "zeroed", name) for name in ("by", "counted")),
]
_GONE = "(left out)"
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**53),
    st.floats(-100, 200_000).map(lambda value: round(value, 3)),
    st.sampled_from(
        [
            _GONE, "on", "available", "charging", "synced", "unsynced", "phone", "p7", "AB", "beef",
            "2026-11-21T04:00:00Z", "2026-11-21T12:00:00.123456+08:00", "2026-11-21", "暖", "",
            {}, [], {"open": True}, {"by": "staff", "counted": 3}, {"room_c": 20}, [{}],
            [{"item": "tea"}, {"item": "rice", "level": 1}], [{"id": "e9", "kind": "ebike"}],
        ]
    ),
)  # fmt: skip


def _with(**changes: Any) -> bytes:
    return json.dumps({**WHOLE, **changes}).encode()


def _with_text(key: str, text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return _with(**{key: "@@"}).replace(b'"@@"', raw)


def _read(payload: bytes) -> Report:
    """By both ways, which must say the same."""
    report = decode(Report, payload)
    plain = plain_report(payload)
    assert report_of(plain) == report
    assert report_of(plain).to_json() == report.to_json()
    assert plain_of(report_of(plain)) == plain_of(report)
    return report


def _refusal(payload: bytes) -> Refusal:
    with pytest.raises(BadPayload) as caught:
        decode(Report, payload)
    with pytest.raises(BadPayload) as plainly:
        plain_report(payload)
    assert str(plainly.value) == str(caught.value)
    assert plainly.value.reason is caught.value.reason
    return caught.value.reason


def test_a_report_comes_back_as_it_went_out() -> None:
    assert _read(REPORT.to_json()) == REPORT
    assert json.loads(_read(_with()).to_json()) == WHOLE


def test_null_and_absent_are_both_unknown() -> None:
    absent = _read(_with(climate={}))
    null = _read(_with(climate={"room_c": None}))
    assert absent == null
    assert absent.climate is not None
    assert absent.climate.room_c is None


def test_a_moment_with_any_offset_is_read_in_utc() -> None:
    report = _read(_with(measured_at="2026-11-21T12:00:00.250+08:00"))
    assert report.measured_at == REPORT.measured_at
    assert report.measured_at.tzinfo is UTC


def test_unknown_keys_pass_at_every_level() -> None:
    assert _read(_with(color="red", door={"open": False, "lock": [1]})) == REPORT


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("v", "2", Refusal.VERSION),
        ("v", "true", Refusal.WRONG_TYPE),
        ("seq", '"12"', Refusal.WRONG_TYPE),
        ("seq", "1.0", Refusal.WRONG_TYPE),
        ("seq", "0", Refusal.OUT_OF_RANGE),
        ("seq", "9007199254740992", Refusal.OUT_OF_RANGE),
        ("seq", "1" * 400, Refusal.OUT_OF_RANGE),
        ("measured_at", "1700000000", Refusal.WRONG_TYPE),
        ("measured_at", '"2026-11-21T04:00:00"', Refusal.WRONG_TYPE),
        ("measured_at", '"yesterday"', Refusal.WRONG_TYPE),
        ("measured_at", '"0001-01-01T00:00:00+14:00"', Refusal.OUT_OF_RANGE),
        ("measured_at", '"1969-12-31T23:59:59Z"', Refusal.OUT_OF_RANGE),
        ("measured_at", '"9999-12-31T23:59:59Z"', Refusal.OUT_OF_RANGE),
        ("clock", '"atomic"', Refusal.INVALID),
        ("station", '"KS songnan"', Refusal.INVALID),
        ("climate", '{"room_c":"19"}', Refusal.WRONG_TYPE),
        ("climate", '{"room_c":true}', Refusal.WRONG_TYPE),
        ("climate", '{"room_c":NaN}', Refusal.NOT_JSON),
        ("climate", '{"room_c":Infinity}', Refusal.NOT_JSON),
        ("climate", '{"room_c":1e999}', Refusal.OUT_OF_RANGE),
        ("climate", '{"room_c":200}', Refusal.OUT_OF_RANGE),
        ("climate", "[]", Refusal.WRONG_TYPE),
        ("people", '{"inside":-1}', Refusal.OUT_OF_RANGE),
        ("supplies", '[{"item":"water","level":1.2}]', Refusal.OUT_OF_RANGE),
        ("note", "NaN", Refusal.NOT_JSON),
        ("note", '"NaN is a word here"', None),
        ("note", "[" * 300 + "]" * 300, Refusal.TOO_DEEP),
    ],
)
def test_each_wrong_value_has_one_reason(key: str, text: str, reason: Refusal | None) -> None:
    payload = _with_text(key, text)
    if reason is None:
        assert _read(payload) == REPORT
    else:
        assert _refusal(payload) is reason


def test_a_missing_key_is_named() -> None:
    payload = json.dumps({key: value for key, value in WHOLE.items() if key != "seq"}).encode()
    with pytest.raises(BadPayload, match="seq") as caught:
        decode(Report, payload)
    assert caught.value.reason is Refusal.MISSING


def test_size_is_judged_before_anything_is_read() -> None:
    limit = _with_text("note", b'"' + b"x" * (MAX_PAYLOAD_BYTES - len(_with(note=""))) + b'"')
    assert len(limit) == MAX_PAYLOAD_BYTES
    assert _read(limit) == REPORT
    assert _refusal(limit + b" ") is Refusal.TOO_LARGE


@pytest.mark.parametrize("payload", [b"\xff", b'{"v":1,"station":"\xc3("}', b"\xed\xa0\x80"])
def test_broken_utf8_is_refused(payload: bytes) -> None:
    assert _refusal(payload) is Refusal.NOT_UTF8


@pytest.mark.parametrize("payload", [b"", b"null", b"1", b'"report"', b"[]", b"{", b"{}}"])
def test_what_is_not_an_object_is_refused(payload: bytes) -> None:
    assert _refusal(payload) in {Refusal.NOT_JSON, Refusal.NOT_OBJECT}


@pytest.mark.parametrize(("name", "text"), json_texts("n_"))
def test_texts_that_are_not_json_are_refused_whole_and_within(name: str, text: bytes) -> None:
    assert _refusal(text) in {
        Refusal.NOT_JSON,
        Refusal.NOT_UTF8,
        Refusal.TOO_DEEP,
        Refusal.TOO_LARGE,
    }
    assert _refusal(_with_text("note", text)) in {
        Refusal.NOT_JSON,
        Refusal.NOT_UTF8,
        Refusal.TOO_DEEP,
        Refusal.TOO_LARGE,
    }, name


@pytest.mark.parametrize(("name", "text"), json_texts("y_"))
def test_texts_that_are_json_pass_where_unknown_keys_do(name: str, text: bytes) -> None:
    assert _read(_with_text("note", text)) == REPORT, name


@pytest.mark.parametrize(("name", "text"), json_texts("i_"))
def test_texts_that_may_go_either_way_do_not_crash(name: str, text: bytes) -> None:
    try:
        taken = _read(_with_text("note", text))
    except BadPayload:
        return
    assert taken == REPORT, name


@given(st.lists(st.tuples(st.sampled_from(_PATHS), _VALUES), max_size=4))
@settings(max_examples=300)
def test_plain_values_are_taken_and_refused_as_reports_are(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    fields = json.loads(REPORT.to_json())
    for path, value in changes:
        _put(fields, path, value)
    payload = json.dumps(fields).encode()
    try:
        decode(Report, payload)
    except BadPayload:
        _refusal(payload)
    else:
        _read(payload)


def test_of_a_key_that_comes_twice_the_same_one_counts() -> None:
    payload = REPORT.to_json().replace(b'"seq":1234', b'"seq":0,"seq":7')
    assert _read(payload).seq == 7
    assert _refusal(REPORT.to_json().replace(b'"seq":1234', b'"seq":7,"seq":0'))


def _put(fields: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        if isinstance(fields, dict):
            fields = fields.get(step)
        elif isinstance(fields, list) and isinstance(step, int) and step < len(fields):
            fields = fields[step]
        else:
            return  # an earlier change has put something else there
    if isinstance(fields, dict):
        if value is _GONE:
            fields.pop(path[-1], None)
        else:
            fields[path[-1]] = deepcopy(value)  # one that is put into itself has no end
