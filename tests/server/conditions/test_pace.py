"""Which reports are judged at once, and which wait for the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.registered import NOON, FixedPlaces, report, station
from warmstation_server.conditions.pace import STEP_S, Pace
from warmstation_server.conditions.watch import Watch
from warmstation_server.conditions.watched import Watched
from warmstation_server.history import Received
from warmstation_server.roster import Roster

NOON_S = NOON.timestamp()


def _said(**parts: Any) -> Received:
    at = NOON
    known: dict[str, object] = {
        "climate": {"room_c": 19.0},
        "door": {"open": False},
        "people": {"inside": 2},
        "chargers": ({"id": "p1", "kind": "phone", "state": "available", "power_w": 0.0},),
        "supplies": ({"item": "water", "level": 0.5},),
        "safety": {"smoke": False},
    }
    return Received(report(1, at, **(known | parts)), "kunshan", at)


def _begun() -> Pace:
    pace = Pace()
    assert pace.is_due(_said(), NOON_S)
    assert pace.is_due(_said(), NOON_S + 1.0)
    return pace


def test_what_only_drifts_waits_a_few_seconds_and_no_longer() -> None:
    pace = _begun()
    assert not pace.is_due(_said(climate={"room_c": 19.1}), NOON_S + 2.0)
    assert not pace.is_due(_said(climate={"room_c": 19.2}), NOON_S + 1.0 + STEP_S - 0.1)
    assert pace.is_due(_said(climate={"room_c": 19.2}), NOON_S + 1.0 + STEP_S)


@pytest.mark.parametrize(
    "parts",
    [
        {"door": {"open": True}},
        {"people": {"inside": 3}},
        {"people": None},
        {"chargers": ({"id": "p1", "kind": "phone", "state": "outoforder", "power_w": 0.0},)},
        {"chargers": ()},
        {"supplies": ({"item": "water", "level": 0.4},)},
        {"safety": {"smoke": True}},
        {"safety": {"smoke": None}},
        {"faults": ({"sensor": "room", "reason": "crc"},)},
    ],
)
def test_what_changes_at_once_is_judged_at_once(parts: dict[str, object]) -> None:
    pace = _begun()
    assert pace.is_due(_said(**parts), NOON_S + 1.1)
    assert not pace.is_due(_said(**parts), NOON_S + 1.2)
    assert pace.is_due(_said(), NOON_S + 1.3)


def test_after_forgetting_the_next_one_is_judged() -> None:
    pace = _begun()
    pace.forget()
    assert pace.is_due(_said(), NOON_S + 1.1)


def test_one_report_a_minute_is_always_judged() -> None:
    pace = Pace()
    assert all(pace.is_due(_said(), NOON_S + 60.0 * minute) for minute in range(5))


CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"climate": {"room_c": 19.4}},
    {"door": {"open": True}},
    {"people": {"inside": 5, "entered": 9, "left": 4, "present": True}},
    {"safety": {"smoke": True}},
    {"faults": ({"sensor": "e1", "reason": "overheat"},)},
    {"clock": "unsynced"},
    {"stream": "beef"},
    {"supplies": ({"item": "water", "level": 0.1},)},
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.2, 0.2, 0.2, 1.5, 7.0, 400.0]),
        st.sampled_from([0, 0, 0, 0, *range(len(CHANGES))]),
        st.sampled_from([0.0, 0.0, 0.0, 0.3, 1000.0]),
        st.sampled_from([1, 1, 1, 1, 2, -1]),
    ),
    min_size=5,
    max_size=60,
)


class Slow:
    """A station that takes every report the long way."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watched, name)

    def repeats(self, received: Received, listening_s: float) -> bool:
        return False


@given(STEPS)
@settings(max_examples=40)
def test_the_short_way_leaves_the_watch_where_the_long_one_does(
    steps: list[tuple[float, int, float, int]],
) -> None:
    quick, slow = watching(), watching()
    slow._watched["ks-songnan"] = cast("Watched", Slow(Watched(station())))
    quick._watched["ks-songnan"] = Watched(station())
    now, seq = NOON, 1
    for pause_s, change, late_s, more in steps:
        now += timedelta(seconds=pause_s)
        seq = max(1, seq + more)
        said = _said(**CHANGES[change]).report
        at = now - timedelta(seconds=late_s)
        one = Received(said.model_copy(update={"seq": seq, "measured_at": at}), "kunshan", now)
        assert quick.after_reports([one]) == slow.after_reports([one])
        told = [list(watch.conditions({"ks-songnan"}, now)) for watch in (quick, slow)]
        assert told[0] == told[1]
        assert quick.state("ks-songnan") == slow.state("ks-songnan")


def test_most_reports_of_a_busy_station_go_the_short_way() -> None:
    watched = Watched(station())
    short = 0
    for seq in range(1, 101):
        at = NOON + timedelta(seconds=seq / 10)
        said = _said(climate={"room_c": 19.0 + seq / 1000}).report
        one = Received(said.model_copy(update={"seq": seq, "measured_at": at}), "kunshan", at)
        if watched.repeats(one, 0.0):
            short += 1
        else:
            watched.after(one, 0.0, None)
    assert short > 90


def watching() -> Watch:
    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    return Watch(roster)
