"""A server that was away pages nobody for what it did not hear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from tests.support.alerting import OneScene, TextStore, context
from tests.support.registered import NOON, received, station
from tests.support.watched import MINUTE, Registry
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received

OUTAGE = 10 * MINUTE


class Scene(OneScene):
    """The shipped rules; `watching_since` as `Alerting` keeps it."""

    def __init__(self) -> None:
        super().__init__((), context(watching_since=NOON))
        self._all = load()

    def rules(self, _station: str):  # type: ignore[no-untyped-def]
        return self._all.rule


def decide(desk: Desk, said: Iterable[Condition], now: datetime) -> None:
    """As many turns as it takes, as the pipeline does."""
    desk.turn(said, now)
    while desk.is_behind(now):
        desk.turn((), now)


def batch(names: list[str], seq: int, at: timedelta) -> list[Received]:
    return [received(seq, NOON + at, station=name) for name in names]


@pytest.mark.parametrize("count", [1_000, pytest.param(200_000, marks=pytest.mark.slow)], ids=str)
def test_ten_minutes_away_and_the_return_of_all_raise_no_offline_page(count: int) -> None:
    names = [f"ks-{number}" for number in range(count)]
    watch = Watch(Registry(*(station(name, hours="24/7") for name in names)))
    store = TextStore()
    desk, scene = None, Scene()
    desk = Desk(store, scene)
    watch.after_reports(batch(names, 1, timedelta(0)))
    decide(desk, watch.conditions(names, NOON), NOON)
    watch.after_reports(batch(names, 2, MINUTE))
    decide(desk, watch.conditions(names, NOON + MINUTE), NOON + MINUTE)
    back = MINUTE + OUTAGE
    scene.where = context(watching_since=NOON + back)
    share = count // 10
    for minute in range(60):
        now = back + minute * MINUTE
        some = names[minute * share : (minute + 1) * share]
        watch.after_reports(batch(some, 3, now))
        for third in range(3):
            at = NOON + now + third * MINUTE / 3
            decide(desk, watch.conditions(some if third == 0 else (), at), at)
        if minute >= 10 and minute % 10 == 0:
            watch.after_reports(batch(names, 3 + minute // 10, now))
            decide(desk, watch.conditions(names, NOON + now), NOON + now)
    told = [one.title.en for one in store.notices.values()]
    assert "Station offline" not in told


def test_who_does_not_return_is_paged_after_its_time() -> None:
    watch = Watch(Registry(station(hours="24/7")))
    store, scene = TextStore(), Scene()
    desk = Desk(store, scene)
    watch.after_reports(batch(["ks-songnan"], 1, timedelta(0)))
    decide(desk, watch.conditions({"ks-songnan"}, NOON), NOON)
    scene.where = context(watching_since=NOON + OUTAGE)
    for third in range(3 * 40):
        at = NOON + OUTAGE + third * MINUTE / 3
        decide(desk, watch.conditions((), at), at)
    assert [one.title.en for one in store.notices.values()] == ["Station offline"]
    (notice,) = store.notices.values()
    assert notice.at >= NOON + OUTAGE + 20 * MINUTE
