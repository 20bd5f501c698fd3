"""How much heat is too much for a heater, and how little is no trouble."""

from __future__ import annotations

import pytest

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.level import Level
from warmstation_server.diagnosis.modulation import Modulation


def _doubted(hottest: Hottest, heat_k: float, share: float = 1.0, *, is_far: bool = True) -> float:
    return hottest.doubted(1.0, heat_k, share, 1.0, is_young=False, is_far=is_far)


def test_an_overheat_that_went_away_twice_was_health() -> None:
    hottest = Hottest(top_k=10.0)
    assert _doubted(hottest, 11.0, is_far=False) == 1.0
    assert _doubted(hottest, 11.0) == 0.0

    hottest.after(20.0, 10.0, 1.0, "radiator", is_known=True)
    hottest.went_away()
    assert hottest.top_k == pytest.approx(15.0, abs=0.1)
    assert _doubted(hottest, 17.0, is_far=False) == -1.0
    assert _doubted(hottest, 19.0) == 1.0

    hottest.after(20.0, 10.0, 1.0, "radiator", is_known=True)
    hottest.went_away()
    assert hottest.top_k == pytest.approx(20.0, abs=0.1)


def test_a_heater_is_hotter_than_ever_after_a_call_so_short_where_it_never_had_a_stage() -> None:
    steady, staged = Hottest(top_k=20.0), Hottest(top_k=20.0)
    for share in (1.05, 1.0, 1.5):
        staged.doubted(1.0, 10.0, share, 1.0, is_young=True, is_far=True)

    assert _doubted(steady, 11.0) == 0.0
    assert _doubted(steady, 11.0, share=1.7) == 1.0
    assert _doubted(staged, 11.0, share=1.7) == 0.0


def test_a_model_that_health_outdid_by_twice_is_no_judge_of_what_is_hot() -> None:
    throttled = Hottest(top_k=23.0, top_share=2.4)
    plain = Hottest(top_k=23.0, top_share=1.3)

    assert _doubted(throttled, 22.0, share=1.8, is_far=False) == 0.0
    assert _doubted(throttled, 29.0, share=1.8, is_far=False) == 1.0
    assert _doubted(plain, 22.0, share=1.8, is_far=False) == 1.0


@pytest.mark.parametrize(("youth", "is_over"), [(0.0, True), (0.5, False)])
def test_what_was_seldom_called_for_may_have_been_hotter_yet(youth: float, is_over: bool) -> None:
    hottest = Hottest(top_k=20.0)
    for _ in range(2):
        hottest.after(31.0, 15.0, 1.0, "radiator", is_known=True, youth=youth)

    assert hottest.is_over is is_over


def test_a_model_is_doubted_where_it_has_not_been() -> None:
    level = Level()
    for n in range(400):
        level.learn(20.0 if n % 4 else 9.0, 0.8, 1.0, 1 if n % 4 == 0 else 0)

    assert not level.is_far(19.0, 0.8, 0)
    assert level.is_far(9.0, 0.8, 1)  # a night's room, and water as warm as by day
    assert level.is_far(19.0, 1.1, 0)
    assert level.is_far(19.0, None, 0)
    assert level.is_far(19.0, 0.8, None)


def test_a_cold_hour_is_not_enough_to_know_cold_weather() -> None:
    level = Level(usual=[20.0, 0.0], most_loss=0.6)
    for _ in range(10):
        level.learn(20.0, 1.2, 1.0, 0)
    assert level.is_far(20.0, 1.2, 0)
    for _ in range(180):
        level.learn(20.0, 1.2, 1.0, 0)
    assert not level.is_far(20.0, 1.2, 0)


def test_little_heat_is_no_trouble_where_little_was_wanted_before() -> None:
    modulation = Modulation()
    assert modulation.wanted(1.0, want_k=-1.0) == 1.0
    modulation.follows_want = True
    assert modulation.wanted(1.0, want_k=-1.0) == 0.0
    assert modulation.wanted(1.0, want_k=1.0) == 1.0
    assert modulation.wanted(-1.0, want_k=-1.0) == -1.0


def _came_back(modulation: Modulation, want_k: float) -> None:
    told = Cusum(is_raised=True)
    modulation.weak(1.0, want_k, 1.0, (told,), 0.5)
    told.calm()  # in the first days nothing stays raised
    for _ in range(5):
        modulation.weak(-1.0, 0.0, 1.0, (told,), 0.95)


def test_heat_that_comes_back_in_the_first_days_teaches_that_it_follows_what_is_wanted() -> None:
    modulation = Modulation()
    _came_back(modulation, want_k=0.0)

    assert modulation.follows_want


def test_a_heater_left_alone_with_little_in_a_colder_room_is_weak_in_a_still_colder_one() -> None:
    modulation = Modulation()
    _came_back(modulation, want_k=0.0)
    assert modulation.wanted(1.0, want_k=0.4) == 1.0

    _came_back(modulation, want_k=0.8)
    assert modulation.wanted(1.0, want_k=0.3) == 0.0
    assert modulation.wanted(1.0, want_k=0.8) == 1.0
    for _ in range(9):
        _came_back(modulation, want_k=1.5)
    assert modulation.wanted(1.0, want_k=1.5) == 1.0


def test_what_a_pump_gives_less_of_for_a_moment_is_forgotten() -> None:
    modulation = Modulation(low_k=5.0)
    _came_back(modulation, want_k=1.0)

    assert not modulation.follows_want
    assert modulation.alone_k == 0.0
