"""A recording is played at its pace, held back by receipts that stay away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from warmstation.replay.player import MAX_WAITING, Player, Tempo
from warmstation_edge.measurement import Measurement
from warmstation_wire import Report

RECORDED = datetime(2013, 12, 2, 21, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


class Box:
    """Keeps what it is given; `queued` is set by the test."""

    def __init__(self) -> None:
        self.queued = 0
        self.kept: list[Measurement] = []

    def add(self, measurement: Measurement, urgent: bool = False) -> Report:
        self.queued += 1
        self.kept.append(measurement)
        return measurement.as_report("ks-songnan", "9f3c", len(self.kept))


def _rows(count: int, step: timedelta = timedelta(minutes=5)) -> Iterator[Measurement]:
    for index in range(count):
        yield Measurement(RECORDED + step * index, "synced", 0.0)


def test_rows_come_at_the_chosen_speed() -> None:
    box = Box()
    player = Player(_rows(10), Tempo(60.0, "now"), box)
    player.turn(NOW)
    assert player.played == 1
    player.turn(NOW + timedelta(seconds=4.9))
    assert player.played == 1
    player.turn(NOW + timedelta(seconds=5))
    assert player.played == 2
    player.turn(NOW + timedelta(seconds=45))
    assert player.is_done
    assert player.played == 10


def test_a_step_back_in_recorded_time_holds_nothing_up() -> None:
    rows = [*_rows(3), Measurement(RECORDED - timedelta(hours=1), "synced", 0.0), *_rows(1)]
    player = Player(iter(rows), Tempo(60.0, "now"), Box())
    player.turn(NOW + timedelta(0))
    player.turn(NOW + timedelta(seconds=10))
    assert player.is_done


def test_playing_waits_for_receipts() -> None:
    box = Box()
    player = Player(_rows(MAX_WAITING + 7), Tempo(None, "now"), box)
    player.turn(NOW)
    assert player.played == MAX_WAITING
    box.queued = 0
    player.turn(NOW)
    assert player.is_done


def test_rows_may_keep_their_times_or_end_now() -> None:
    last = RECORDED + timedelta(minutes=10)
    played, recorded, ending = Box(), Box(), Box()
    Player(_rows(3), Tempo(None, "now"), played).turn(NOW)
    Player(_rows(3), Tempo(None, "recorded"), recorded).turn(NOW)
    Player(_rows(3), Tempo(None, "ending-now", last), ending).turn(NOW)
    assert [row.measured_at for row in played.kept] == [NOW] * 3
    assert [row.measured_at for row in recorded.kept] == [row.measured_at for row in _rows(3)]
    assert ending.kept[0].measured_at == NOW - timedelta(minutes=10)
    assert ending.kept[-1].measured_at == NOW


def test_an_empty_recording_is_done_at_once() -> None:
    assert Player(iter(()), Tempo(1.0, "now"), Box()).is_done
