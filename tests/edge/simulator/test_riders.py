from __future__ import annotations

from collections import Counter

import pytest

from tests.support.simulated import NOON_S, world

HOUR_S = 3600


def test_nobody_is_lost_and_nobody_appears() -> None:
    here = world()
    inside = 0
    for _ in range(288 * 7):
        for crossing in here.step(300):
            inside += 1 if crossing.inward else -1
            assert 0 <= inside <= here.plan.capacity + 3, "seats, two standing, one of staff"
        assert inside == here.crowd.inside == here.crowd.entered - here.crowd.left


def test_nobody_is_inside_while_the_station_is_closed() -> None:
    here = world()
    for _ in range(288 * 5):
        here.step(300)
        local_hour = (here.at_s / HOUR_S + 8) % 24
        if local_hour < 6.9 or local_hour > 22.3:
            assert here.crowd.inside == 0, local_hour


def test_visits_come_up_to_the_mean_and_peak_around_lunch() -> None:
    here = world(NOON_S - 12 * HOUR_S, visits_per_day=46.0)
    by_hour: Counter[int] = Counter()
    days = 50
    for _ in range(288 * days):
        for crossing in here.step(300):
            if crossing.inward and not crossing.is_staff:
                by_hour[int((crossing.at_s / HOUR_S + 8) % 24)] += 1
    # Weekends have 85 % of a weekday: 46 * (5 + 2 * 0.85) / 7.
    assert by_hour.total() / days == pytest.approx(44.0, rel=0.07)
    assert max(by_hour, key=by_hour.__getitem__) in {12, 13}
    assert by_hour[18] > by_hour[15]


def test_a_market_of_three_hundred_visits_has_them() -> None:
    here = world(rhythm="market", visits_per_day=360.0, capacity=120, hours="Mo-Su 05:30-20:00")
    for _ in range(288 * 7):
        here.step(300)
    assert here.crowd.entered / 7 > 300


def test_a_full_station_turns_riders_away() -> None:
    here = world(visits_per_day=600.0, capacity=4)
    crowds = []
    for _ in range(288):
        here.step(300)
        crowds.append(here.crowd.inside)
    assert max(crowds) <= 4 + 3
    assert here.crowd.entered < 600


def test_a_locked_station_has_no_visitor() -> None:
    here = world(NOON_S, "1", "locked")
    assert not [crossing for _ in range(288 * 2) for crossing in here.step(300)]
    assert not here.is_open


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    def told(seed: str) -> list[tuple[float, int, float, float]]:
        here = world(NOON_S, seed)
        lines = []
        for _ in range(288 * 2):
            here.step(300)
            power_w = sum(point.power_w for point in here.points)
            lines.append((here.room.air_c, here.crowd.entered, here.shelf.levels["water"], power_w))
        return lines

    assert told("1") == told("1")
    assert told("1") != told("2")


def test_staff_opens_the_door_of_a_quiet_station_every_day() -> None:
    here = world(visits_per_day=0.01)
    days = {
        int((crossing.at_s / HOUR_S + 8) // 24)
        for _ in range(288 * 7)
        for crossing in here.step(300)
        if crossing.is_staff and crossing.inward
    }
    assert len(days) >= 6


def test_coarse_history_and_fine_live_steps_agree() -> None:
    """The same two days in steps of 300 s and of 4 s, over several seeds."""
    results = {}
    for step_s in (300.0, 4.0):
        room_c = visits = person_s = 0.0
        for seed in "123":
            here = world(NOON_S, seed)
            for _ in range(int(2 * 86_400 / step_s)):
                here.step(step_s)
                room_c += here.room.air_c * step_s
                person_s += here.crowd.inside * step_s
            visits += here.crowd.entered
        results[step_s] = (room_c / (6 * 86_400), visits, person_s / visits)
    coarse, fine = results[300.0], results[4.0]
    assert coarse[0] == pytest.approx(fine[0], abs=0.3)
    assert coarse[1] == pytest.approx(fine[1], rel=0.12)
    assert coarse[2] == pytest.approx(fine[2], rel=0.15)
