"""The library's thread that tells edges dies: what is seen no more is not taken for nobody."""

from __future__ import annotations

from pathlib import Path

from tests.support.stations import StationOnBoard


def door_faults(station: StationOnBoard) -> set[str]:
    return {reason for sensor, reason in station.faults() if sensor == "door"}


def darkened(station: StationOnBoard, times: int) -> None:
    """Somebody stands in the beams, again and again, for a second each time."""
    for _ in range(times):
        for dark in (True, False):
            for pin in (17, 27):
                station.board.drive(pin, dark)
            station.run(1)


def test_beams_whose_edges_are_told_no_more_are_absent_and_nobody_is_counted_wrong(
    tmp_path: Path,
) -> None:
    station = StationOnBoard(tmp_path)
    station.run(5)
    station.board.deafen()
    darkened(station, 5)
    assert door_faults(station) == {"absent"}
    people = station.sampler.measure().people
    assert people is None or people.inside is None
    station.run(60)
    assert door_faults(station) == {"absent"}, "silence does not make it well"
    station.board.deafen(False)
    station.cross(17, 27)
    station.run(2)
    assert door_faults(station) == set()
    station.close()


def test_an_edge_that_gets_lost_now_and_then_costs_nothing(tmp_path: Path) -> None:
    station = StationOnBoard(tmp_path)
    station.run(5)
    for _ in range(20):
        station.board.deafen()
        darkened(station, 1)
        station.board.deafen(False)
        station.cross(17, 27)
        station.run(2)
        assert door_faults(station) == set()
    station.close()
