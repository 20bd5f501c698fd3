"""What comes suddenly: an open door, a rider who holds it, a sensor that was moved."""

from __future__ import annotations

from warmstation_server.diagnosis.ajar import Ajar
from warmstation_server.diagnosis.holds import Holds
from warmstation_server.diagnosis.opening import Opening
from warmstation_server.diagnosis.shift import Shift


def _openings(losses: list[float], *, outlet_fell: bool = False) -> list[bool]:
    """Whether the door is told, bin by bin, in a station whose riders never held it."""
    opening = Opening(outlet_fell=outlet_fell)
    said = []
    for n, loss in enumerate([*[0.0] * 6_000, *losses]):
        opening.weigh(-loss, 0.1, 180.0 * (n + 1), 3.0, difference=20.0, heat_k=0.0, is_likely=True)
        said.append(opening.is_raised)
    return said[6_000:]


def test_loss_that_goes_on_is_a_door_and_one_that_dies_away_was_a_moved_sensor() -> None:
    door = _openings([0.5] * 6)
    moved = _openings([0.9 * 0.7**n for n in range(12)])

    assert door.index(True) <= 4
    assert not any(moved)


def test_door_that_a_rider_let_go_is_not_told_and_teaches_patience() -> None:
    held = [0.6, 0.6, 0.4, *[0.0] * 20]

    assert not any(_openings(held))
    assert len(held) + 3 < _openings([*held, *[0.5] * 9]).index(True) < len(held) + 6


def test_who_holds_a_door_for_longer_is_given_longer() -> None:
    short, long = Holds(days=20.0), Holds(days=20.0)
    for _ in range(6):
        short.ended(6.0)
        long.ended(13.0)

    assert Holds(days=20.0).patience_min < short.patience_min < 13.0 < long.patience_min < 20.0


def test_until_riders_are_known_a_door_is_given_as_long_as_they_may_need() -> None:
    holds = Holds()
    unknown_min = holds.patience_min
    holds.watched(12.0 * 1440.0)
    calm_min = holds.patience_min
    holds.ended(9.0)
    holder_min = holds.patience_min
    holds.watched(80.0 * 1440.0)

    assert calm_min < 9.0 < holder_min < unknown_min
    assert holds.patience_min == calm_min


def test_a_little_loss_before_a_rider_holds_the_door_is_not_his_time() -> None:
    crept = [0.16, 0.16, 0.16, 0.6, 0.6, *[-0.3] * 5]

    assert not any(_openings(crept))
    assert not any(_openings([0.9, 0.9, 0.0, 0.0, 0.9, 0.9, *[-0.3] * 5]))


def test_rider_who_lets_a_great_deal_of_cold_in_for_two_bins_teaches_patience_too() -> None:
    plunge = [3.0, 3.0, *[-0.2] * 20]
    passers = [0.41, 0.41, *[-0.2] * 20]

    assert _openings([*plunge, *[0.5] * 9]).index(True) > len(plunge) + 3
    assert _openings([*passers, *[0.5] * 9]).index(True) <= len(passers) + 4


def test_outlet_that_has_fallen_with_the_reading_tells_an_open_door_from_a_moved_sensor() -> None:
    dying = [0.9 * 0.8**n for n in range(6)]

    assert not any(_openings(dying))
    assert _openings(dying, outlet_fell=True).index(True) <= 4
    assert not any(_openings([0.9, 0.9, 0.1, 0.1, 0.1], outlet_fell=True))


def test_reading_that_jumps_is_remembered_with_its_size_and_its_age() -> None:
    shift = Shift()
    for n in range(60):
        error = -0.5 if 20 <= n < 24 else 0.0
        shift.after(error, error, 0.1, 3.0)

    assert -2.0 <= shift.sudden_k < -1.3
    assert (shift.sudden_min, shift.began_min) == (36 * 3.0, 39 * 3.0)


def _bins_until_shut(losses: list[float], *, noise: float = 0.1) -> int | None:
    """After how many bins a door that lost 0.6 a bin when it was told of is seen to be shut."""
    ajar = Ajar()
    ajar.tell(0.6)
    for n, loss in enumerate(losses):
        ajar.after(loss, noise)
        if ajar.is_shut:
            return n + 1
    return None


def test_door_is_shut_after_half_an_hour_without_its_loss_and_not_by_a_bin_or_two() -> None:
    assert _bins_until_shut([*[0.6] * 100, *[0.0] * 12]) == 109
    assert _bins_until_shut([0.6, 0.6, 0.0, 0.0] * 50) is None


def test_loss_that_a_learning_model_takes_for_its_own_is_still_an_open_door() -> None:
    learned_away = [0.6 * 0.985**n for n in range(80)]

    assert _bins_until_shut(learned_away) is None
    assert 80 < (_bins_until_shut([*learned_away, *[-0.1] * 15]) or 0) <= 92


def test_opening_that_is_told_of_weighs_its_loss_by_the_drift_of_the_time_before() -> None:
    opening = Opening()

    def weigh(loss: float, drift: float) -> bool:
        opening.weigh(
            -loss,
            0.1,
            opening.at_s + 180.0,
            3.0,
            difference=20.0,
            heat_k=0.0,
            is_likely=True,
            drift=drift,
        )
        return opening.ajar.is_shut

    for _ in range(6_000):
        weigh(0.0, -0.1)
    for _ in range(6):
        weigh(0.6, -0.1)
    opening.told(is_door=True)
    absorbed = [weigh(0.0, -0.7) for _ in range(60)]
    shut = [weigh(-0.6, -0.7) for _ in range(12)]

    assert not any(absorbed)
    assert shut[-1]
