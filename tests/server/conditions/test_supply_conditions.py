"""Supplies: pace, time to empty, empty, and levels that cannot be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.support.registered import NOON, station
from tests.support.watched import HOUR, MINUTE, Watching

TEN = 10 * MINUTE
MIDNIGHT = NOON - 12 * HOUR
LEARNED = MIDNIGHT + timedelta(days=8)
SHAPE = (0.5, 0.5, 0.5, 1.0, 3.0, 3.0, 1.0, 0.5, 0.5, 1.0, 2.0, 2.0, 1.0, 0.5, 0.5)
"""Portions an hour relative to the mean, from 07:00 to 22:00."""


def water(level: float | None) -> dict[str, Any]:
    return {"supplies": [{"item": "water", "level": level}]}


class Shelf:
    """Portions of 1/90 are taken by chance in open hours; a sensor with noise tells the level."""

    def __init__(self, seed: str, a_day: float, noise: float = 0.004) -> None:
        self.rng = Random(seed)
        self.level = 1.0
        self.a_day = a_day
        self.noise = noise
        self.day = 1.0

    def after_ten_minutes(self, at: datetime) -> float:
        """What the sensor reads then."""
        hour = (at.hour + 8) % 24
        if hour == 0:
            self.day = self.rng.uniform(0.7, 1.3) if at.minute < 10 else self.day
        if 7 <= hour < 22:
            rate = self.day * self.a_day * SHAPE[hour - 7] / sum(SHAPE) / 6
            for _ in range(12):
                if self.rng.random() < rate / 12:
                    self.level = max(0.0, self.level - 1 / 90)
        return round(min(1.0, max(0.0, self.level + self.rng.gauss(0, self.noise))), 3)


def watching() -> Watching:
    one = Watching(station(supplies=("water",)))
    one.now = MIDNIGHT
    one.look()
    return one


def lived(one: Watching, shelf: Shelf, days: float) -> Iterator[Watching]:
    for _ in range(int(days * 144)):
        one.report(one.now + TEN, **water(shelf.after_ten_minutes(one.now + TEN)))
        yield one


def test_low_is_told_while_somebody_can_still_act_and_ends_with_the_restock() -> None:
    one, shelf = watching(), Shelf("1", 40)
    low_at = empty_at = None
    for _ in lived(one, shelf, 12):
        if one.now < LEARNED and shelf.level < 0.3:
            shelf.level = 1.0
        if low_at is None and one.now > LEARNED and one.holds("supplies.low", "water"):
            low_at = one.now
        if empty_at is None and shelf.level == 0.0:
            empty_at = one.now
            break
    assert low_at is not None
    assert empty_at is not None
    told = one.one("supplies.low", "water")
    assert told.holds is True
    assert told.advice is not None
    assert 4 * HOUR < empty_at - low_at < 30 * HOUR
    one.every_minute(HOUR, **water(0.0))
    assert one.holds("supplies.empty", "water") is True
    one.every_minute(HOUR, **water(0.95))
    assert one.holds("supplies.empty", "water") is False
    assert one.holds("supplies.low", "water") is False


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_the_pace_is_learned_through_noise_and_restocks(noise: float) -> None:
    one, shelf = watching(), Shelf("2", 40, noise)
    for _ in lived(one, shelf, 14):
        if shelf.level < 0.3:
            shelf.level = 1.0
    item = one.watch._watched["ks-songnan"].supplies.items["water"]
    week = one.watch._watched["ks-songnan"].supplies.week
    assert item.rate is not None
    assert week is not None
    assert item.rate * sum(week.weights) / 7 == pytest.approx(40 / 90, rel=0.2)
    lunch, night = week.weights[2 * 24 + 11], week.weights[2 * 24 + 2]
    assert lunch > 1.5
    assert night < 0.1


def test_what_was_taken_in_an_outage_is_not_taken_for_one_hours_pace() -> None:
    one, shelf = watching(), Shelf("a", 10, noise=0.0)
    for number in range(21 * 144):
        at, (day, ten) = one.now + TEN, divmod(number, 144)
        level = shelf.after_ten_minutes(at)
        outage = 6 * (8 + day * 5 % 11)  # four hours, begun at another hour each day
        if outage <= ten < outage + 24:
            one.look(at)
        else:
            one.report(at, **water(level))
        shelf.level = 1.0 if shelf.level < 0.3 else shelf.level
    supplies = one.watch._watched["ks-songnan"].supplies
    rate, week = supplies.items["water"].rate, supplies.week
    assert rate is not None
    assert week is not None
    assert rate * sum(week.weights) / 7 == pytest.approx(10 / 90, rel=0.15)


def test_the_interval_holds_what_happens_four_times_in_five() -> None:
    inside = total = 0
    for seed in range(3):
        one, shelf = watching(), Shelf(f"interval {seed}", 30)
        asked: tuple[datetime, float, float] | None = None
        for _ in lived(one, shelf, 40):
            supplies = one.watch._watched["ks-songnan"].supplies
            if one.now < LEARNED:
                shelf.level = 1.0 if shelf.level < 0.3 else shelf.level
            elif asked is None and 0.4 < shelf.level < 0.9:
                place = one.watch._watched["ks-songnan"].place
                ahead = supplies.forecast_of("water", one.now.timestamp(), place)
                assert ahead is not None
                asked = (one.now, ahead.early_h, ahead.late_h)
            if shelf.level == 0.0:
                assert asked is not None
                took_h = (one.now - asked[0]) / HOUR
                inside += asked[1] <= took_h <= asked[2]
                total += 1
                asked, shelf.level = None, 1.0
    assert total >= 20
    assert 0.65 <= inside / total <= 0.95


def test_before_the_pace_is_known_a_low_level_is_low() -> None:
    one = watching()
    one.every_minute(10 * MINUTE, **water(0.3))
    assert one.holds("supplies.low", "water") is False
    one.every_minute(10 * MINUTE, **water(0.19))
    told = one.one("supplies.low", "water")
    assert (told.holds, told.value, told.confidence) == (True, None, 0.5)


def test_a_single_glitch_is_neither_empty_nor_a_restock() -> None:
    one = watching()
    one.every_minute(30 * MINUTE, **water(0.6))
    one.report(one.now + MINUTE, **water(0.0))
    one.every_minute(30 * MINUTE, **water(0.6))
    assert one.holds("supplies.empty", "water") is False
    assert one.holds("supplies.sensor", "water") is False


def test_jumps_that_no_shelf_makes_are_the_sensors_fault() -> None:
    one = watching()
    for level in (0.8, 0.1, 0.8, 0.1, 0.8):
        one.every_minute(5 * MINUTE, **water(level))
    one.every_minute(35 * MINUTE, **water(0.8))
    told = one.one("supplies.sensor", "water")
    assert told.holds is True
    assert told.evidence["link"] == "jumps"
    one.every_minute(8 * HOUR, every=5 * MINUTE, **water(0.8))
    assert one.holds("supplies.sensor", "water") is False


def test_what_vanishes_at_once_is_empty_but_perhaps_the_sensor() -> None:
    one = watching()
    one.every_minute(30 * MINUTE, **water(0.8))
    one.every_minute(5 * MINUTE, **water(0.0))
    told = one.one("supplies.empty", "water")
    assert (told.holds, told.confidence) == (True, 0.6)


def test_a_level_that_is_unknown_makes_its_conditions_unknown() -> None:
    one = watching()
    one.every_minute(30 * MINUTE, **water(0.01))
    assert one.holds("supplies.empty", "water") is True
    one.report(one.now + MINUTE, **water(None))
    assert one.last["supplies.empty", "water"].holds is None
    assert one.last["supplies.low", "water"].holds is None
    one.every_minute(5 * MINUTE, **water(0.01))
    assert one.holds("supplies.empty", "water") is True


def test_an_unrecorded_restock_is_offered_only_where_restocks_are_recorded() -> None:
    one = watching()
    one.every_minute(HOUR, **water(0.3))
    one.every_minute(HOUR, **water(0.9))
    assert one.holds("supplies.sensor", "water") is False
    one.watch.restocked("ks-songnan", "water", one.now)
    one.every_minute(26 * HOUR, every=5 * MINUTE, **water(0.5))
    assert one.holds("supplies.sensor", "water") is False
    one.every_minute(2 * HOUR, **water(0.95))
    told = one.one("supplies.sensor", "water")
    assert told.holds is True
    assert told.evidence["link"] == "restock"
    assert told.value == pytest.approx(0.45)
    one.watch.restocked("ks-songnan", "water", one.now)
    one.every_minute(5 * MINUTE, **water(0.95))
    assert one.holds("supplies.sensor", "water") is False


@pytest.mark.parametrize(("is_entered", "minutes"), [(True, 2), (False, 12)])
def test_a_restock_that_was_entered_is_believed_at_once(is_entered: bool, minutes: int) -> None:
    one = watching()
    one.every_minute(30 * MINUTE, **water(0.0))
    assert one.holds("supplies.empty", "water") is True
    if is_entered:
        one.watch.restocked("ks-songnan", "water", one.now)
    one.every_minute((minutes - 1) * MINUTE, **water(0.9))
    assert one.holds("supplies.empty", "water") is True
    one.every_minute(MINUTE, **water(0.9))
    assert one.holds("supplies.empty", "water") is False


def test_what_the_sensor_shows_can_be_asked_for() -> None:
    one = watching()
    assert one.watch.sensed("ks-songnan", one.now) == {}
    assert one.watch.sensed("ks-nowhere", one.now) == {}
    one.every_minute(30 * MINUTE, **water(0.3))
    one.every_minute(HOUR, **water(0.9))
    found = one.watch.sensed("ks-songnan", one.now)["water"]
    assert (found.level, found.forecast) == (0.9, None)
    assert found.unrecorded is not None
    assert (found.unrecorded.before, found.unrecorded.after) == (0.3, 0.9)
    one.watch.restocked("ks-songnan", "water", one.now)
    assert one.watch.sensed("ks-songnan", one.now)["water"].unrecorded is None


def test_a_restock_that_is_used_up_again_is_no_rise_of_less_than_nothing() -> None:
    one = watching()
    one.every_minute(30 * MINUTE, **water(0.3))
    one.every_minute(HOUR, **water(0.9))
    one.every_minute(HOUR, **water(0.0))
    assert one.watch.sensed("ks-songnan", one.now)["water"].unrecorded is None


def test_what_is_empty_is_said_again_so_that_no_alert_seems_to_lack_data() -> None:
    one = watching()
    for _ in range(60):
        one.report(one.now + MINUTE, **water(0.0))
        for name in ("supplies.empty", "supplies.low"):
            assert one.holds(name, "water") is True
            assert one.now - one.last[name, "water"].at <= 6 * MINUTE
