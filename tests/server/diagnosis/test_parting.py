"""A reading that falls alone was moved; one that takes the outlet along is a colder room."""

from __future__ import annotations

import random

import pytest

from warmstation_server.diagnosis.parting import Parting
from warmstation_server.diagnosis.sample import Minute


def _minute(number: int, excess_k: float, call: float = 0.0) -> Minute:
    return Minute(60.0 * number, 1.0, 20.0, excess_k, 0.0, call, None, None, True, False)


def _settled(noise_k: float) -> tuple[Parting, random.Random]:
    rng, parting = random.Random(1), Parting()
    for n in range(4000):
        parting.after(_minute(n, 0.5 + rng.gauss(0.0, noise_k)), 0.0, is_falling=False)
    return parting, rng


def _fallen(noise_k: float, excess_k: float) -> bool:
    parting, rng = _settled(noise_k)
    for n in range(4000, 4009):
        parting.after(_minute(n, excess_k + rng.gauss(0.0, noise_k)), 0.0, is_falling=True)
    return parting.shows_alone(2.0)


def test_reading_that_fell_without_its_outlet_fell_alone() -> None:
    assert _fallen(0.3, excess_k=2.5)


def test_room_that_cools_takes_its_outlet_along() -> None:
    assert not _fallen(0.3, excess_k=0.5)
    assert not _fallen(0.3, excess_k=-0.5)


def test_outlet_that_wanders_by_more_than_the_fall_is_no_witness() -> None:
    assert not _fallen(12.0, excess_k=2.5)


def test_without_an_outlet_nothing_is_shown() -> None:
    parting, _ = _settled(0.3)
    parting.after(_minute(5000, 9.0), None, is_falling=True)

    assert not parting.shows_alone(2.0)


@pytest.mark.parametrize(
    ("jump_k", "excess_k", "told_after_min"),
    [(-2.0, 2.5, 25), (2.0, -1.5, 110), (-2.0, 0.5, None), (-2.0, 12.0, None)],
)
def test_reading_that_stays_where_its_outlet_is_not_was_moved(
    jump_k: float, excess_k: float, told_after_min: int | None
) -> None:
    parting, rng = _settled(0.3)
    told = []
    for n in range(130):
        minute = _minute(4000 + n, excess_k + rng.gauss(0.0, 0.3))
        parting.after(minute, 0.0, is_falling=n < 12)
        parting.weigh(minute, jump_k, float(n), 0.1)
        told.append(parting.is_raised)

    assert any(told) is (told_after_min is not None)
    if told_after_min is not None:
        assert told_after_min - 12 < told.index(True) < told_after_min


def test_sun_that_leaves_the_sensor_again_is_not_told_and_a_later_jump_is_no_reason() -> None:
    parting, rng = _settled(0.3)
    for n in range(200):
        minute = _minute(4000 + n, (-1.5 if n < 80 else 0.5) + rng.gauss(0.0, 0.3))
        parting.after(minute, 0.0, is_falling=False)
        parting.weigh(minute, 2.0, float(n), 0.1)
        assert not parting.is_raised
    for n in range(200, 300):
        minute = _minute(4000 + n, 2.5 + rng.gauss(0.0, 0.3))
        parting.weigh(minute, -2.0, 60.0, 0.1)
        assert not parting.is_raised


def test_after_closing_or_long_after_the_jump_nothing_that_parts_was_moved() -> None:
    for is_open, age_min in ((False, 0.0), (True, 20.0)):
        parting, rng = _settled(0.3)
        for n in range(130):
            minute = _minute(4000 + n, 2.5 + rng.gauss(0.0, 0.3))
            minute.is_open = is_open
            parting.after(minute, 0.0, is_falling=n < 12)
            parting.weigh(minute, -2.0, age_min + n, 0.1)
            assert not parting.is_raised
