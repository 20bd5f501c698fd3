"""The limits that need no learning: cold and frost."""

from __future__ import annotations

from warmstation_server.diagnosis.safety_net import SafetyNet


def test_cold_is_what_lies_below_the_promise() -> None:
    modest, usual = SafetyNet(), SafetyNet()
    told = {16.0: 0, 20.0: 0}
    for _ in range(60):
        for net, setpoint in ((modest, 16.0), (usual, 20.0)):
            told[setpoint] += len(net.after(15.0, 1.0, 5.0, is_cooling=False, setpoint=setpoint))

    assert told == {16.0: 0, 20.0: 1}


def test_cold_counts_in_open_hours_only_and_waits_for_a_room_that_warms_up() -> None:
    night, dawn, day = SafetyNet(), SafetyNet(), SafetyNet()
    told: dict[str, list[str]] = {"night": [], "dawn": [], "day": []}
    for n in range(120):
        warming = 10.0 + 0.05 * n
        for name, net, room, hours in (
            ("night", night, 13.0, None),
            ("dawn", dawn, warming, 1.5),
            ("day", day, 13.0, 5.0),
        ):
            told[name] += [c for c, _, _ in net.after(room, 1.0, hours, is_cooling=False)]

    assert told == {"night": [], "dawn": [], "day": ["cold"]}


def test_frost_is_critical_and_told_once_for_each_step() -> None:
    net = SafetyNet()
    told = [
        (severity, limit)
        for n in range(300)
        for _, severity, limit in net.after(10.0 - 0.03 * n, 1.0, None, is_cooling=False)
    ]

    assert told == [("urgent", 8.0), ("critical", 5.0)]


def test_cold_is_over_half_an_hour_after_the_room_is_warm_and_told_once_a_day() -> None:
    net = SafetyNet()
    told: list[str] = []
    stands: list[bool] = []
    for room, minutes in ((13.0, 60), (18.0, 25), (16.2, 10), (18.0, 40), (13.0, 60), (9.0, 60)):
        for _ in range(minutes):
            told += [severity for _, severity, _ in net.after(room, 1.0, 5.0, is_cooling=False)]
        stands.append(net.is_cold)

    assert stands == [True, True, True, False, True, True]
    assert told == ["notice", "urgent"]


def test_heat_is_over_half_an_hour_after_a_cooled_room_is_cool_again() -> None:
    net = SafetyNet()
    told = 0
    stands: list[bool] = []
    for room, minutes in ((32.0, 120), (26.0, 20), (26.0, 20)):
        for _ in range(minutes):
            told += len(net.after(room, 1.0, 5.0, is_cooling=True, setpoint=26.0))
        stands.append(net.is_hot)

    assert (told, stands) == (1, [True, True, False])
