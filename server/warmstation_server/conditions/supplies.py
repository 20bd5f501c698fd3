"""Supplies of one station: learned pace, time to empty, and the conditions about them. Pure.

`expiry`, and items without a sensor, are judged by the ledger of supplies: see `stocking`.
"""

from __future__ import annotations

from math import inf
from typing import Any

from warmstation_server.conditions.forecast import HORIZON_H, Ahead, Forecast, ahead_of, forecast
from warmstation_server.conditions.item import Item
from warmstation_server.conditions.place import HOUR_S, Place
from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.sensed import Rise, Sensed
from warmstation_server.conditions.standing import REPEAT_S, Standing
from warmstation_server.conditions.week import Week
from warmstation_server.conditions.words import advice_for
from warmstation_server.history.said import Said

EMPTY, NOT_EMPTY = 0.03, 0.06
"""Below the first a sensor sees the bottom; above the second there is something again."""
LOW, NOT_LOW = 0.2, 0.25
"""Where no pace is known yet."""
LEAD_OPEN_H, CLEAR_OPEN_H = 6.0, 9.0
"""Open hours that are left, at the early figure, when it is told; hours when it is over."""
_HOLD_S = 1800.0
"""A level tells all that was taken since the reading before, where that was not long ago."""
_MEASURED_SHARE = 0.7
_TOO_MANY_JUMPS, _FEW_JUMPS = 3.0, 1.0
_CONFIRM_S = 24 * HOUR_S
_EXPECTED_S = 2 * HOUR_S
"""A restock is entered so long before or after the shelf is filled; then its rise is believed at
once, where one that nobody entered must first last."""
_NEW_LEVEL = 0.004
_JUDGED = ("supplies.empty", "supplies.low", "supplies.sensor")


class Supplies:
    """The shelf of one station. `recorded`: when a restock of an item was entered last."""

    __slots__ = ("_ahead", "_at_s", "_day", "_hour", "_measured_s", "_recorded", "items", "week")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.week: Week | None = None
        self._ahead: Ahead | None = None
        self._at_s = 0.0
        self._hour = -1
        self._day = -1
        self._measured_s = 0.0
        self._recorded: dict[str, float] = {}

    def after(self, said: Said, at_s: float, place: Place, standing: Standing) -> None:
        """One report, in order."""
        supplies = said.supplies
        if not supplies:
            return
        self._move(at_s, place)
        for supply in supplies:
            item = self.items.get(supply.item)
            if item is None:
                item = self.items[supply.item] = Item()
            if supply.level is None:
                self._unknown(supply.item, at_s, standing)
                continue
            entered_s = self._recorded.get(supply.item, -inf)
            item.after(supply.level, at_s, is_expected=abs(at_s - entered_s) < _EXPECTED_S)
            if at_s >= item.due_s or abs(item.floor - item.judged) >= _NEW_LEVEL:
                self._judge(supply.item, item, at_s, place, standing)

    def restocked(self, item: str, at_s: float) -> None:
        """Somebody entered a restock; from now on restocks of this station are expected to be."""
        self._recorded[item] = max(at_s, self._recorded.get(item, at_s))
        if item in self.items:
            self.items[item].due_s = 0.0

    def sensed(self, at_s: float, place: Place) -> dict[str, Sensed]:
        """Each item as its sensor shows it."""
        return {
            name: Sensed(item.floor, self.forecast_of(name, at_s, place), self._rise(name, at_s))
            for name, item in self.items.items()
            if item.floor >= 0.0
        }

    def _rise(self, name: str, at_s: float) -> Rise | None:
        item = self.items[name]
        if item.restocked_s is None or not self._is_unentered(name, item, at_s):
            return None
        return Rise(item.restocked_s, item.restocked_from, item.floor)

    def forget_judgements(self) -> None:
        """Judge everything anew with the next report."""
        for item in self.items.values():
            item.due_s = 0.0

    def forecast_of(self, name: str, at_s: float, place: Place) -> Forecast | None:
        """When it will be empty; None while no pace is known."""
        item = self.items[name]
        pace = item.pace()
        if pace is None or self.week is None:
            return None
        place.at(at_s)
        begin_s = place.hour_begin(at_s)
        ahead = self._ahead
        if ahead is None or ahead.begin_s != begin_s:
            hour = place.hour_of_week(begin_s)
            ahead = self._ahead = ahead_of(self.week.weights, hour, begin_s, place.ahead)
        return forecast(item.floor, pace, ahead, at_s)

    def _move(self, at_s: float, place: Place) -> None:
        if self.week is None:
            self.week = Week(place.open_week(at_s))
        elapsed_s, self._at_s = at_s - self._at_s, at_s
        hour = place.hour_of_week(at_s)
        if hour != self._hour:
            self._hour_ended(place)
            self._hour = hour
            day = int((at_s + place.offset_s) // 86400.0)
            if day != self._day:
                self._day = day
                for item in self.items.values():
                    item.day_ended()
        # What was taken in a gap is seen after it: the hour in which it ends teaches nothing.
        self._measured_s += elapsed_s if elapsed_s <= _HOLD_S else -HOUR_S

    def _hour_ended(self, place: Place) -> None:
        share, self._measured_s = min(1.0, self._measured_s / HOUR_S), 0.0
        week, hour = self.week, self._hour
        if week is None or hour < 0 or share < _MEASURED_SHARE:
            for item in self.items.values():
                item.hour_fall = 0.0  # what was taken in a gap belongs to no hour
            return
        fall = pace = 0.0
        for item in self.items.values():
            rate = item.rate
            if rate is not None:
                fall, pace = fall + item.hour_fall, pace + rate
        for item in self.items.values():
            item.hour_ended(week.weights[hour], share)
        if pace > 0.0:
            week.learn(hour, fall / (pace * share))

    def _judge(self, name: str, item: Item, at_s: float, place: Place, standing: Standing) -> None:
        is_empty = item.floor < (NOT_EMPTY if standing.holds("supplies.empty", name) else EMPTY)
        fell_at_once = item.fell_s is not None
        standing.say(
            "supplies.empty",
            is_empty,
            at_s,
            subject=name,
            value=item.floor,
            step=0.05,
            confidence=0.6 if fell_at_once else 0.95,
            evidence={"level": item.floor, "fell_at_once": "yes" if fell_at_once else "no"},
        )
        self._judge_low(name, item, at_s, place, standing, is_empty=is_empty)
        self._judge_sensor(name, item, at_s, standing)
        # What holds is said again in time, or its alert would be taken for one without data.
        is_wrong = any(standing.holds(one, name) for one in _JUDGED)
        item.judged, item.due_s = item.floor, at_s + (REPEAT_S if is_wrong else 0.5 * HOUR_S)

    def _judge_low(
        self,
        name: str,
        item: Item,
        at_s: float,
        place: Place,
        standing: Standing,
        *,
        is_empty: bool,
    ) -> None:
        was = standing.holds("supplies.low", name)
        ahead = self.forecast_of(name, at_s, place)
        if ahead is None:
            holds = item.floor < (NOT_LOW if was else LOW)
            evidence: dict[str, float | str] = {"level": item.floor, "pace": "not learned yet"}
            standing.say(
                "supplies.low", holds, at_s, subject=name, confidence=0.5, evidence=evidence
            )
            return
        holds = is_empty or ahead.open_early_h < (CLEAR_OPEN_H if was else LEAD_OPEN_H)
        hours = 0.0 if is_empty else min(ahead.hours, float(HORIZON_H))
        standing.say(
            "supplies.low",
            holds,
            at_s,
            subject=name,
            value=round(hours, 1),
            step=max(1.0, 0.1 * hours),
            confidence=0.9,
            evidence=_numbers(item, ahead),
        )

    def _judge_sensor(self, name: str, item: Item, at_s: float, standing: Standing) -> None:
        was = standing.holds("supplies.sensor", name)
        jumps = item.jumps_at(at_s)
        if jumps >= (_FEW_JUMPS if was else _TOO_MANY_JUMPS):
            evidence: dict[str, float | str] = {"link": "jumps", "jumps": round(jumps, 2)}
            standing.say(
                "supplies.sensor",
                True,
                at_s,
                subject=name,
                value=round(jumps, 1),
                evidence=evidence,
            )
            return
        is_unrecorded = self._is_unrecorded(name, item, at_s)
        standing.say(
            "supplies.sensor",
            is_unrecorded,
            at_s,
            subject=name,
            value=round(item.floor - item.restocked_from, 2) if is_unrecorded else 0.0,
            since_s=item.restocked_s if is_unrecorded else None,
            confidence=0.6,
            evidence={"link": "restock", "from": item.restocked_from, "level": item.floor}
            if is_unrecorded
            else None,
            advice=advice_for("supplies.sensor/restock"),
        )

    def _is_unrecorded(self, name: str, item: Item, at_s: float) -> bool:
        """A rise that nobody entered within a day, at a station where somebody enters them."""
        return bool(self._recorded) and self._is_unentered(name, item, at_s)

    def _is_unentered(self, name: str, item: Item, at_s: float) -> bool:
        if item.restocked_s is None or item.floor <= item.restocked_from:
            return False  # it has sunk again to what it was before
        if not 0.0 <= at_s - item.restocked_s < _CONFIRM_S:
            return False
        return self._recorded.get(name, -inf) < item.restocked_s - _CONFIRM_S / 2

    def _unknown(self, name: str, at_s: float, standing: Standing) -> None:
        for condition in ("supplies.low", "supplies.empty"):
            standing.say(condition, None, at_s, subject=name)
        self.items[name].due_s = 0.0

    def saved(self) -> list[Any]:
        """As JSON values."""
        items = {name: list(_item(item)) for name, item in self.items.items()}
        week = self.week.saved() if self.week else None
        return [items, week, self._at_s, self._hour, self._day, self._measured_s, self._recorded]

    @classmethod
    def resumed(cls, rows: list[Any]) -> Supplies:
        """From what `saved` gave."""
        supplies = cls()
        items, week, *rest = rows
        supplies.items = {name: Item(*values) for name, values in items.items()}
        supplies.week = None if week is None else Week.resumed(week)
        supplies._at_s, supplies._hour, supplies._day, supplies._measured_s, supplies._recorded = (
            rest
        )
        return supplies


def _numbers(item: Item, ahead: Forecast) -> dict[str, float | str]:
    """JSON has no infinity: what lies beyond two weeks is left out."""
    numbers: dict[str, float | str] = {"level": round(item.floor, 3)}
    figures = {
        "early_h": ahead.early_h,
        "late_h": ahead.late_h,
        "open_early_h": ahead.open_early_h,
    }
    numbers.update({key: round(hours, 1) for key, hours in figures.items() if hours < inf})
    return numbers


_item = reader(Item)
