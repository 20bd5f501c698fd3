"""A reading that falls alone was moved; one that takes the outlet along is a colder room."""

from __future__ import annotations

import random

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
