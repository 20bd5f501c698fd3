"""What the outlet's link learns of its heater: stages, rest, frost."""

from __future__ import annotations

import pytest

from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.patience import Frosts
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.rest import Rest
from warmstation_server.diagnosis.sample import Minute

_STAGES_W = (1100.0, 2000.0)


def _minute(number: int, watts: float | None = None, room: float = 20.0) -> Minute:
    return Minute(
        at_s=60.0 * number,
        length_min=1.0,
        room=room,
        excess_k=None,
        outdoor=0.0,
        call=1.0,
        watts=watts,
        doors=None,
        is_open=True,
        is_gap=False,
    )


def _two_stages() -> Power:
    """Ten minutes of the first stage, five of both, for two days of calls."""
    power = Power()
    for n in range(2880):
        power.after(_minute(n, _STAGES_W[n % 15 >= 10]), "electric", may_learn=True)
    return power


@pytest.mark.parametrize(
    ("watts", "room", "verdict"),
    [
        (1100.0, 20.0, None),
        (2000.0, 17.0, None),
        (550.0, 20.0, "weak"),
        (1100.0, 17.0, "weak"),
        (0.0, 20.0, "none"),
    ],
)
def test_a_lower_stage_is_weak_only_where_it_was_never_enough(
    watts: float, room: float, verdict: str | None
) -> None:
    power = _two_stages()
    for n in range(2880, 2920):
        power.after(_minute(n, watts, room), "electric", may_learn=False)

    assert power.verdict() == verdict


def test_a_stage_that_was_not_known_is_learned_from_the_first_hours() -> None:
    power = Power()
    for n in range(1000):
        watts = 2000.0 if n % 100 < 80 else 800.0
        power.after(_minute(n, watts), "electric", may_learn=True)

    assert not power.draws.is_weak


def test_a_metered_heater_in_its_second_stage_is_not_hot() -> None:
    outlet, power = Outlet(), Power()
    z = 0.0
    for n in range(6000):
        watts = _STAGES_W[n % 600 > 540]
        z += (0.01 * watts - z) * 0.2
        minute = _minute(n, watts)
        minute.excess_k = z + 0.02 * (n % 3)
        power.after(minute, "electric", may_learn=True)
        outlet.after(minute, power.fed(watts, 1.0, "electric"), "electric", may_learn=True)

    assert outlet.is_known
    assert outlet.hot.level == pytest.approx(0.0, abs=1.0)


def test_the_offset_of_two_sensors_is_learned_at_rest_only() -> None:
    rest = Rest()
    for _ in range(600):
        rest.after(9.0, 1.0, 0.8, 1.0, may_learn=True)
    assert rest.offset_k == pytest.approx(0.0)
    for n in range(400):
        rest.after(9.0 * 0.8**n + 0.6, 0.0, 0.8, 1.0, may_learn=True)

    assert rest.offset_k == pytest.approx(0.6, abs=0.05)


def test_no_defrost_is_awaited_where_the_pump_has_run_for_days_without_one() -> None:
    frosts = Frosts()
    for _ in range(1000):
        frosts.after(7.0, 1.0)

    assert [frosts.may_come(outdoor) for outdoor in (12.0, 7.0, -3.0)] == [False, False, True]
