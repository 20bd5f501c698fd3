"""The ledger of supplies adds up, batch by batch, whatever the order of its entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.support.registered import NOON, station
from warmstation_server.conditions.place import Place
from warmstation_server.supplies.entry import KINDS, Entry, checked
from warmstation_server.supplies.errors import BadEntry
from warmstation_server.supplies.expiry import expiring
from warmstation_server.supplies.gifts import donors
from warmstation_server.supplies.outlook import by_book
from warmstation_server.supplies.shelf import as_sensed, sensed_before, shelf, shelves

TODAY = date(2026, 11, 21)
HOUR = timedelta(hours=1)


def entry(number: int, kind: Any, quantity: int, hour: float = 0.0, **more: Any) -> Entry:
    return Entry(
        "ks-songnan", "noodles", kind, quantity, NOON + hour * HOUR, "li", number=number, **more
    )


def test_nothing_written_down_is_unknown_and_not_none() -> None:
    assert shelf(()).left is None
    assert shelf([entry(1, "count", 0)]).left == 0


def test_what_expires_first_goes_first_and_what_never_expires_last() -> None:
    known = shelf(
        [
            entry(1, "restock", 10, 0),
            entry(2, "restock", 10, 1, expires_on=date(2027, 3, 1)),
            entry(3, "restock", 10, 2, expires_on=date(2026, 12, 1)),
            entry(4, "handout", 12, 3),
        ]
    )
    assert [(one.number, one.left) for one in known.batches] == [(1, 10), (2, 8), (3, 0)]
    assert known.left == 18


def test_a_count_finds_what_was_taken_and_what_nobody_wrote_down() -> None:
    entries = [entry(1, "restock", 24), entry(2, "count", 20, 5)]
    assert [one.taken for one in shelf(entries).batches] == [4]
    more = shelf([*entries, entry(3, "count", 30, 6)])
    assert [(one.number, one.given, one.is_found) for one in more.batches] == [
        (1, 24, False),
        (3, 10, True),
    ]
    assert more.left == 30


def test_a_sensor_makes_no_gifts() -> None:
    entries = [entry(1, "restock", 24), entry(2, "count", 30, 1, method="sensor")]
    assert shelf(entries).left == 24
    later = NOON + HOUR
    assert as_sensed(shelf(entries), 0.5, 40, later).left == 20
    assert as_sensed(shelf(entries), 0.9, 40, later).left == 24
    assert as_sensed(shelf(entries), None, 40, later).left == 24
    assert as_sensed(shelf(()), 0.5, 40, later).left is None


def test_a_sensor_is_not_asked_about_a_restock_that_it_cannot_have_seen() -> None:
    known = shelf([entry(1, "restock", 24)])
    assert as_sensed(known, 0.0, 40, NOON + 0.1 * HOUR).left == 24
    assert as_sensed(known, 0.0, 40, NOON + 0.3 * HOUR).left == 0


def test_before_a_restock_the_sensor_says_what_was_left_of_the_gift_before() -> None:
    first, second = entry(1, "restock", 40), entry(3, "restock", 38, 9, donor="Red Cross")
    before = sensed_before(shelf([first]), 0.05, 40, second)
    assert before is not None
    assert (before.kind, before.quantity, before.method, before.donor) == ("count", 2, "sensor", "")
    known = shelf([first, replace(before, number=2), second])
    assert [(one.taken, one.left) for one in known.batches] == [(38, 2), (0, 38)]
    assert sensed_before(shelf([first]), 1.0, 40, second) is None


def test_thrown_away_is_not_handed_out() -> None:
    entries = [
        entry(1, "restock", 10, expires_on=date(2026, 11, 20)),
        entry(2, "restock", 10, 1),
        entry(3, "discard", 10, 2, batch=1),
        entry(4, "handout", 3, 3),
    ]
    known = shelf(entries)
    assert [(one.taken, one.discarded, one.left) for one in known.batches] == [
        (0, 10, 0),
        (3, 0, 7),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_every_piece_is_somewhere_and_no_order_of_reading_changes_that(seed: int) -> None:
    rng = Random(seed)
    entries = [
        entry(
            number,
            rng.choice(KINDS),
            rng.randint(1, 30),
            number + rng.random(),
            method=rng.choice(("person", "sensor")),
        )
        for number in range(1, 60)
    ]
    known = shelf(entries)
    for batch in known.batches:
        assert batch.taken >= 0
        assert batch.discarded >= 0
        assert 0 <= batch.left <= batch.given
    given = sum(one.given for one in known.batches)
    gone = sum(one.taken + one.discarded for one in known.batches)
    assert known.left == given - gone
    assert sum(one.pieces for one in known.taken) == sum(one.taken for one in known.batches)
    shuffled = entries.copy()
    rng.shuffle(shuffled)
    assert shelf(shuffled) == known


def test_expiring_soon_is_urgent_first_and_forgets_what_is_gone() -> None:
    known = shelf(
        [
            entry(1, "restock", 5, 0, expires_on=date(2026, 11, 18)),
            entry(2, "restock", 5, 0, expires_on=date(2026, 11, 26)),
            entry(3, "restock", 5, 0, expires_on=date(2027, 11, 26)),
        ]
    )
    found = expiring(known.batches, TODAY)
    assert [(one.batch.number, one.days, one.is_expired) for one in found] == [
        (1, -3, True),
        (2, 5, False),
    ]
    rest = shelf(
        [
            entry(1, "restock", 5, 0, expires_on=date(2026, 11, 18)),
            entry(2, "discard", 5, 1, batch=1),
        ]
    )
    assert expiring(rest.batches, TODAY) == []


def test_a_donor_hears_what_became_of_the_gift() -> None:
    entries = [
        entry(1, "restock", 48, donor="Red Cross", expires_on=date(2026, 12, 1)),
        entry(2, "handout", 30, 2),
        entry(3, "discard", 6, 3, batch=1),
        entry(4, "count", 20, 4),
    ]
    found = donors(shelves(entries).items())
    assert [(one.name, one.given, one.taken, one.discarded, one.left) for one in found] == [
        ("Red Cross", 48, 30, 6, 12)
    ]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (entry(0, "restock", 0), "supplies.wrong.quantity"),
        (entry(0, "count", -1), "supplies.wrong.quantity"),
        (entry(0, "restock", 200_000), "supplies.wrong.quantity"),
        (entry(0, "restock", 3, expires_on=date(2026, 1, 1)), "supplies.wrong.expired"),
        (entry(0, "handout", 3, expires_on=date(2027, 1, 1)), "supplies.wrong.kind"),
        (entry(0, "lost", 3), "supplies.wrong.kind"),
        (entry(0, "restock", 3, donor="x" * 201), "supplies.wrong.long"),
    ],
)
def test_what_cannot_be_true_is_refused(wrong: Entry, key: str) -> None:
    with pytest.raises(BadEntry) as caught:
        checked(wrong, TODAY)
    assert caught.value.key == key


def test_days_left_by_the_book_hold_what_a_steady_shelf_does() -> None:
    place = Place(station())
    entries = [entry(1, "restock", 200, -24 * 14)]
    entries += [entry(2 + day, "count", 200 - 10 * day, 24 * (day - 14)) for day in range(1, 15)]
    found = by_book(shelf(entries), 200, place, NOON)
    assert found is not None
    assert found.basis == "book"
    assert found.hours is not None
    assert found.early_h is not None
    assert found.hours == pytest.approx(6 * 24, rel=0.1)
    assert found.early_h < found.hours < (found.late_h or 1e9)


def test_too_little_is_no_pace() -> None:
    place = Place(station())
    few = shelf([entry(1, "restock", 100, -50), entry(2, "handout", 3, -1)])
    assert by_book(few, 100, place, NOON) is None
    assert by_book(few, None, place, NOON) is None
