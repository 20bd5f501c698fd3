"""Reports that overtake each other: any shuffle within the bound gives the same transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.alerting import OneScene, TextStore
from tests.support.registered import NOON, received, station
from tests.support.watched import MINUTE, Registry, Watching, restarted
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.conditions.sequence import HOLD_S
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received

SECOND = timedelta(seconds=1)
EVERY = 4 * SECOND
NAMES = (
    "supplies.low",
    "supplies.empty",
    "chargers.inoperative",
    "station.undervoltage",
    "station.sensor",
    "station.crowded",
    "station.outbox",
)


class Scene(OneScene):
    """The shipped rules, impatient: all that lasts minutes lasts seconds."""

    def __init__(self) -> None:
        super().__init__(())
        self._all = load()

    def rules(self, _station: str) -> Any:
        return self._all.rule


@st.composite
def reports(draw: st.DrawFn) -> list[Received]:
    """What a station measures every four seconds, with faults that come and go."""
    found: list[Received] = []
    level = draw(st.floats(0.0, 1.0, width=16))
    for seq in range(1, draw(st.integers(5, 70))):
        if draw(st.integers(0, 4)) == 0:
            level = draw(st.sampled_from([0.0, 0.02, 0.1, 0.3, 0.9]))
        parts: dict[str, Any] = {"supplies": [{"item": "water", "level": level}]}
        if draw(st.booleans()):
            queued = draw(st.sampled_from([0, 40, 200]))
            parts["agent"] = {"undervoltage": draw(st.booleans()), "queued": queued, "dropped": 0}
        if draw(st.booleans()):
            state = draw(st.sampled_from(["available", "charging", "outoforder"]))
            parts["chargers"] = [{"id": "p1", "kind": "phone", "state": state}]
        if draw(st.booleans()):
            parts["faults"] = [{"sensor": "outlet", "reason": "crc"}]
        found.append(received(seq, NOON + seq * EVERY, **parts))
    return found


def run(arrivals: Sequence[Received], restart_at: int | None = None) -> TextStore:
    """A tick a second over what comes when it comes."""
    registry = Registry(station(hours="24/7"))
    watch, store = Watch(registry), TextStore()
    desk = Desk(store, Scene())
    waiting = sorted(arrivals, key=lambda one: one.received_at)
    for second in range(4 * len(arrivals) + 60):
        now = NOON + second * SECOND
        ready = [one for one in waiting if one.received_at <= now]
        waiting = waiting[len(ready) :]
        watch.after_reports(ready)
        touched = {one.report.station for one in ready}
        desk.turn([one for one in watch.conditions(touched, now) if one.name in NAMES], now)
        if second == restart_at:
            later = restarted(watch, registry)
            later._listening_s, later._looked_s = watch._listening_s, watch._looked_s
            watch = later
    assert desk.failed == 0
    return store


def story(store: TextStore) -> list[tuple[object, ...]]:
    entries = [
        (one.alert_id, one.number, one.name, one.subject, one.kind, one.at, one.since, one.word)
        for one in store.transitions
    ]
    return sorted(entries) + sorted((one.key, one.at) for one in store.notices.values())


def delayed(one: Received, by: timedelta) -> Received:
    return Received(one.report, one.district, one.report.measured_at + by)


@settings(max_examples=25)
@given(reports(), st.randoms(use_true_random=False))
def test_any_shuffle_of_reports_within_the_bound_gives_the_same_transitions(
    found: list[Received], random: Random
) -> None:
    late = [delayed(one, random.uniform(0, HOLD_S - 1) * SECOND) for one in found]
    assert story(run(late)) == story(run(found))


@settings(max_examples=8)
@given(reports(), st.randoms(use_true_random=False), st.integers(0, 200))
def test_a_restart_amid_a_shuffle_changes_nothing(
    found: list[Received], random: Random, second: int
) -> None:
    late = [delayed(one, random.uniform(0, HOLD_S - 1) * SECOND) for one in found]
    assert story(run(late, second)) == story(run(found))


def watching_from_the_first_report() -> Watching:
    one = Watching()
    one.report(safety={"smoke": False})
    return one


def test_what_comes_in_order_waits_for_nothing() -> None:
    one = watching_from_the_first_report()
    assert one.holds("station.offline") is False


def later(seq: int, at: datetime, after_s: float, **parts: Any) -> Received:
    return received(seq, at, after_s * SECOND, **parts)


def test_a_missing_number_is_waited_for_and_not_for_ever() -> None:
    one = watching_from_the_first_report()
    water: dict[str, Any] = {"supplies": [{"item": "water", "level": 0.0}]}
    one.take([later(3, NOON, 1, **water)])
    assert one.holds("supplies.empty", "water") is None
    one.look(NOON + 30 * SECOND)
    assert one.holds("supplies.empty", "water") is True


def test_danger_in_a_report_that_waits_is_told_at_once_and_once() -> None:
    one = watching_from_the_first_report()
    before = len(one.told)
    assert one.take([later(3, NOON + SECOND, 0, safety={"smoke": True})]) == {"ks-songnan"}
    assert one.holds("safety.smoke") is True
    one.look(NOON + MINUTE)
    assert [told.name for told in one.told[before:]].count("safety.smoke") == 1


def test_a_flood_behind_a_missing_number_is_not_kept() -> None:
    one = watching_from_the_first_report()
    one.take([later(seq, NOON + seq * SECOND / 100, 0) for seq in range(3, 203)])
    assert len(one.watch._sequence.saved("ks-songnan")) <= 64
    one.look(NOON + MINUTE)
    assert one.watch._sequence.saved("ks-songnan") == []
