"""What is read through a stencil is what the contract's own way reads, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.history.reports import busy, full_report, rare_report
from tests.support.registered import DISTRICT, report
from warmstation_server.history.codec import flattened, microseconds, shared
from warmstation_server.history.received import Flat
from warmstation_server.intake.stencil import Identity
from warmstation_server.intake.stencils import Stencils
from warmstation_wire import BadPayload, Report
from warmstation_wire.examples import REPORT
from warmstation_wire.plain import plain_report

TOPIC = "warmstation/v1/kunshan/ks-songnan/report"
Read = tuple[Identity, Flat]


def by_contract(payload: bytes) -> Read:
    """The way that every report was read before there were stencils."""
    plain = plain_report(payload)
    at_us = microseconds(plain["measured_at"])
    flat = shared(flattened(plain, DISTRICT))
    return (plain["station"], plain["stream"], plain["seq"], at_us), flat


def taught(payload: bytes) -> Stencils:
    """Stencils that know the form of this report."""
    stencils, (identity, flat) = Stencils(), by_contract(payload)
    stencils.learn(identity[0], payload, flat)
    return stencils


def read(stencils: Stencils, payload: bytes, station: str = REPORT.station) -> Read | None:
    """As `accept` asks; the topic is the station's own."""
    return stencils.read(station, payload)


def dense(fields: Any) -> bytes:
    """As the agent writes it."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def spaced(fields: Any) -> bytes:
    """As a program in another language may."""
    return json.dumps(fields, ensure_ascii=False, indent=1, sort_keys=True).encode()


@pytest.mark.parametrize("written", [dense, spaced])
@pytest.mark.parametrize("made", [full_report, busy, lambda seq: rare_report(2 * seq)])
def test_the_next_report_of_the_same_form_says_what_it_says(
    made: Callable[[int], Any], written: Callable[[Any], bytes]
) -> None:
    first, second = (
        written(json.loads(made(seq).report.model_dump_json(exclude_none=True))) for seq in (1, 2)
    )
    station = json.loads(first)["station"]
    stencils = taught(first)
    found = read(stencils, second, station)
    if json.loads(second).get("people", {}).get("zeroed") is None:
        assert found is not None
        assert found == by_contract(second)
    else:
        assert found is None


SAID = dense(json.loads(REPORT.model_dump_json(exclude_none=True)))
KNOWING = taught(SAID)
PIECES = [
    b"-1", b"-0", b"0", b"00", b"01", b"1.", b".5", b"1e3", b"1E400", b"9" * 400, b"0.1", b"null",
    b"true", b"false", b'"on"', b'"unsynced"', b'"x"', b"NaN", b"-Infinity", b" ", b"\n", b"{}",
    b"[]", b",", b":", b'"', b"\\", b"\xc3\xa9", b"\x00", b"61", b"101", b"100001",
    b"9007199254740992", b"2026-11-21T24:00:00.000Z", b"1969-12-31T23:59:59.999Z",
    b"2200-01-01T00:00:00.001Z",
    b"ks-other", b"9F3C", b'"room_c":1,', b'"seq":1,', b'"more":{"room_c":99},',
]  # fmt: skip
"""What may stand where something else was."""


@given(
    st.integers(0, len(SAID)),
    st.integers(0, 26),
    st.sampled_from(PIECES) | st.binary(max_size=4),
)
def test_whatever_is_changed_is_read_as_the_contract_reads_it_or_not_at_all(
    at: int, length: int, piece: bytes
) -> None:
    payload = SAID[:at] + piece + SAID[at + length :]
    found = read(KNOWING, payload)
    if found is not None:
        assert found == by_contract(payload)


@given(st.data())
def test_a_value_at_the_edge_is_taken_or_left_as_the_contract_says(data: st.DataObject) -> None:
    fields = json.loads(SAID)
    places = [
        (section, name)
        for section in (fields, fields["climate"], fields["people"], *fields["chargers"])
        for name, value in section.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]
    section, name = data.draw(st.sampled_from(places))
    section[name] = data.draw(
        st.sampled_from([0, 1, -60, -70, -71, 100, 100.0, 150.5, 1e5, 100001, 2**53 - 1, 2**53])
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    payload = dense(fields)
    found = read(KNOWING, payload)
    try:
        expected = by_contract(payload)
    except BadPayload:
        assert found is None
    else:
        assert found in (None, expected)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"version":"1.0.0"', b'"version":"a\\":5,b"'),
        (b'"door":{', b'"door":null,"door":{'),
        (b'"v":1,', b'"v":1,"seq":7,'),
        (b"04:00:00.250Z", b"12:00:00.250+08:00"),
    ],
)
def test_an_odd_form_has_no_stencil(was: bytes, becomes: bytes) -> None:
    odd = SAID.replace(was, becomes)
    assert odd != SAID
    assert read(taught(odd), odd) is None


def test_a_number_within_a_text_is_no_value() -> None:
    said = SAID.replace(b'"version":"1.0.0"', b'"version":":5,"')
    stencils = taught(said)
    assert read(stencils, said) == by_contract(said)
    assert read(stencils, said.replace(b'":5,"', b'":6,"')) is None


def test_a_report_of_another_station_fits_no_topic_but_its_own() -> None:
    assert read(KNOWING, SAID) == by_contract(SAID)
    assert read(KNOWING, SAID.replace(b"ks-songnan", b"ks-qiandeng")) is None


def test_a_report_that_is_too_large_fits_nothing() -> None:
    large = SAID.replace(b'"room_c":19.81', b'"room_c":19.%s1' % (b"0" * 16_384))
    assert read(KNOWING, large) is None


def test_a_second_station_of_the_same_form_shares_its_stencil_and_its_texts() -> None:
    stencils = taught(SAID)
    other = SAID.replace(b"ks-songnan", b"ks-qiandeng").replace(b"19.81", b"-3")
    assert read(stencils, other, "ks-qiandeng") is None
    stencils.learn("ks-qiandeng", other, by_contract(other)[1])
    mine, theirs = read(stencils, SAID), read(stencils, other, "ks-qiandeng")
    assert mine is not None
    assert theirs == by_contract(other)
    assert theirs[1].texts is mine[1].texts


def test_forms_that_never_come_again_cost_no_stencils() -> None:
    stencils = Stencils()
    said = by_contract(SAID)[1]
    for number in range(1000):
        payload = SAID.replace(b'"v":1', b'"v":1,"n%d":0' % number)
        assert read(stencils, payload) is None
        stencils.learn(REPORT.station, payload, said)
    assert stencils.count <= 60, "each costs as much as reading some hundred reports"


def test_there_are_never_too_many_stencils() -> None:
    stencils = Stencils(most=5)
    said = by_contract(SAID)[1]
    for number in range(12):
        payload = SAID.replace(b'"v":1', b'"v":1,"n%d":1' % number)
        stencils.learn(REPORT.station, payload, said)
        assert read(stencils, payload) is not None
        assert stencils.count <= 5


def test_what_is_unknown_in_the_form_is_unknown_in_what_is_read() -> None:
    said = report(climate={"room_c": 20.0}, chargers=[{"id": "p1", "kind": "phone"}]).to_json()
    payload = said.replace(b"20.0", b"21.5")
    found = read(taught(said), payload)
    assert found == by_contract(payload)


def test_the_contract_has_no_value_without_bounds() -> None:
    """A number without a least or a greatest would be let through by no stencil."""
    properties = [one["properties"] for one in Report.model_json_schema()["$defs"].values()]
    kinds = [
        kind
        for fields in properties
        for field in fields.values()
        for kind in (field, *field.get("anyOf", ()))
        if kind.get("type") in ("number", "integer")
    ]
    assert kinds
    assert all("minimum" in kind and "maximum" in kind for kind in kinds)
