"""What is judged is what the report says: read flat, parsed, or out of the history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.server.history.reports import busy, full_report, rare_report
from tests.support.registered import received
from warmstation_server.history import Received
from warmstation_server.history.codec import flatten
from warmstation_server.history.said import said
from warmstation_server.history.unflat import report_of_flat
from warmstation_wire.report import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Safety,
    Supply,
)

_NAMES = st.sampled_from(("p1", "p2", "e1", "outlet", "e1.contactor"))


def _parts(model: type[Any], **given_: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(model, **given_)


def _maybe(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | one


_FLAGS, _COUNTS, _SHARES = (
    _maybe(one) for one in (st.booleans(), st.integers(0, 2**53 - 1), st.floats(0, 1))
)
_DEGREES, _WATTS = _maybe(st.floats(0, 40)), _maybe(st.floats(0, 100_000))
_CHARGERS = st.builds(
    Charger,
    id=_NAMES,
    kind=st.sampled_from(("phone", "ebike")),
    state=st.sampled_from(("available", "charging", "inoperative", "outoforder", "unknown")),
    power_w=_WATTS,
    energy_wh=_WATTS,
)
_REPORTS = st.fixed_dictionaries(
    {
        "clock": st.sampled_from(("synced", "estimated", "unsynced")),
        "climate": _parts(
            Climate,
            room_c=_DEGREES,
            outlet_c=_DEGREES,
            outdoor_c=_DEGREES,
            setpoint_c=_DEGREES,
            heating=_maybe(st.sampled_from(("on", "off"))),
            heater_w=_WATTS,
        ),
        "door": _parts(Door, open=_FLAGS),
        "people": _parts(
            People,
            inside=_maybe(st.integers(0, 10_000)),
            entered=_COUNTS,
            left=_COUNTS,
            confidence=_SHARES,
            present=_FLAGS,
        ),
        "chargers": _maybe(st.lists(_CHARGERS, max_size=4).map(tuple)),
        "supplies": _maybe(
            st.lists(st.builds(Supply, item=_NAMES, level=_SHARES), max_size=3).map(tuple)
        ),
        "safety": _parts(
            Safety, smoke=_FLAGS, contactor=_maybe(st.sampled_from(("open", "closed", "fault")))
        ),
        "faults": _maybe(
            st.lists(st.builds(Fault, sensor=_NAMES, reason=st.just("crc")), max_size=3).map(tuple)
        ),
        "agent": _parts(
            AgentState,
            version=_maybe(st.just("1.0.0")),
            undervoltage=_FLAGS,
            queued=_COUNTS,
            dropped=_COUNTS,
            simulated=_FLAGS,
        ),
    }
)


def taken_apart(one: Received) -> Received:
    """The same report as the intake hands it on: numbers, and no object."""
    flat = flatten(one.report, one.district)
    identity = one.station, one.stream, one.seq, one.measured_us
    return Received.read(identity, one.district, one.received_at, flat, report_of_flat)


def assert_says(one: Received) -> None:
    """By every name that is judged, what is said is what the report has."""
    report, says = one.report, said(one)
    safety, faults = report.safety, report.faults or ()
    assert (says.stream, says.clock) == (report.stream, report.clock)
    assert says.door_open == (report.door.open if report.door else None)
    assert (says.smoke, says.contactor) == (
        (safety.smoke, safety.contactor) if safety else (None, None)
    )
    assert says.faults == tuple((fault.sensor, fault.reason) for fault in faults)
    for name in ("climate", "people", "agent"):
        assert_same(getattr(says, name), getattr(report, name))
    for name in ("chargers", "supplies"):
        pairs = zip(getattr(says, name), getattr(report, name) or (), strict=True)
        for mine, theirs in pairs:
            assert_same(mine, theirs)


def assert_same(mine: Any, theirs: Any) -> None:
    """Every value has its name, its value and its kind: a count that became a float is told so."""
    assert (mine is None) == (theirs is None)
    names: Iterable[str] = () if mine is None else mine._fields
    for name in names:
        assert repr(getattr(mine, name)) == repr(getattr(theirs, name)), name


@given(_REPORTS)
def test_what_is_judged_is_what_the_report_says(parts: dict[str, Any]) -> None:
    whole = received(1, **parts)
    assert_says(whole)
    flat = taken_apart(whole)
    assert said(flat) == said(whole)
    assert flat.report == whole.report


def test_every_field_of_the_contract_is_judged_by_its_value() -> None:
    for one in (full_report(1), rare_report(1), rare_report(2), busy(1)):
        assert_says(one)
        assert_says(taken_apart(one))
