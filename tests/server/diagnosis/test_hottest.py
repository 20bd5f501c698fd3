"""How much heat is too much for a heater, and how little is no trouble."""

from __future__ import annotations

import pytest

from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.modulation import Modulation


def _doubted(hottest: Hottest, heat_k: float, kind: str, share: float = 1.0) -> float:
    return hottest.doubted(1.0, heat_k, share, 1.0, kind, is_young=False)


def test_an_overheat_that_went_away_twice_was_health() -> None:
    hottest = Hottest(top_k=10.0)
    assert _doubted(hottest, 11.0, kind="radiator") == 1.0
    assert _doubted(hottest, 11.0, kind="electric") == 0.0

    hottest.after(20.0, 10.0, 1.0, "radiator", is_known=True)
    hottest.went_away()
    assert hottest.top_k == pytest.approx(15.0, abs=0.1)
    assert _doubted(hottest, 17.0, kind="radiator") == -1.0
    assert _doubted(hottest, 19.0, kind="radiator") == 1.0

    hottest.after(20.0, 10.0, 1.0, "radiator", is_known=True)
    hottest.went_away()
    assert hottest.top_k == pytest.approx(20.0, abs=0.1)


def test_a_heater_is_hotter_than_ever_after_a_call_so_short_where_it_never_had_a_stage() -> None:
    steady, staged = Hottest(top_k=20.0), Hottest(top_k=20.0)
    for share in (1.05, 1.0, 1.5):
        staged.doubted(1.0, 10.0, share, 1.0, "electric", is_young=True)

    assert _doubted(steady, 11.0, "electric") == 0.0
    assert _doubted(steady, 11.0, "electric", share=1.7) == 1.0
    assert _doubted(staged, 11.0, "electric", share=1.7) == 0.0


def test_little_heat_is_no_trouble_where_little_was_wanted_before() -> None:
    modulation = Modulation()
    assert modulation.wanted(1.0, want_k=-1.0) == 1.0
    modulation.follows_want = True
    assert modulation.wanted(1.0, want_k=-1.0) == 0.0
    assert modulation.wanted(1.0, want_k=1.0) == 1.0
    assert modulation.wanted(-1.0, want_k=-1.0) == -1.0
