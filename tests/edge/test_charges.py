"""Charges over the end of an agent: when they are kept, and what is made of them afterwards."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from random import Random

import pytest

from tests.support.clocks import FakeClock
from tests.support.hanging_card import HangingCard
from tests.support.links import FakeLink
from tests.support.outbox_bench import full_disk
from tests.support.stations import TURN_S, StationOnBoard, example_tables
from warmstation_edge.agent import Agent
from warmstation_edge.charges import KEEP_S, RETRY_S, Keeping, kept_text, recalled
from warmstation_edge.charging import Charge, Trip
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.uplink import Uplink

HOUR_S = 3600.0
UNDER_WAY = {"e1": Charge(HOUR_S, is_under_way=True)}


def test_within_a_boot_the_time_without_an_agent_counts_as_charged() -> None:
    text = kept_text(UNDER_WAY, "boot-1", 5000.0)
    assert (recalled(text, "boot-1", 5060.0) or {})["e1"].lasted_s == HOUR_S + 60


def test_after_a_power_cut_what_was_not_written_yet_counts_as_charged() -> None:
    text = kept_text(UNDER_WAY, "boot-1", 5000.0)
    assert (recalled(text, "boot-2", 12.0) or {})["e1"].lasted_s == HOUR_S + KEEP_S


def test_after_an_orderly_stop_only_what_was_charged_counts() -> None:
    text = kept_text({"e1": Charge(HOUR_S)}, "boot-1", 5000.0)
    assert (recalled(text, "boot-1", 9000.0) or {})["e1"].lasted_s == HOUR_S


def test_what_was_latched_is_recalled_and_an_idle_point_is_not_kept() -> None:
    text = kept_text({"e1": Charge(trip=Trip.OVERHEAT), "e2": Charge()}, "boot-1", 1.0)
    assert recalled(text, "boot-2", 1.0) == {"e1": Charge(trip=Trip.OVERHEAT)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"boot": 1}',
        '{"boot":"b","at":1,"points":[]}',
        '{"boot":"b","at":1,"points":{"e1":[NaN,true,null]}}',
        '{"boot":"b","at":1,"points":{"e1":[]}}',
    ],
)
def test_what_cannot_be_read_is_not_known(text: str) -> None:
    assert recalled(text, "boot-1", 1.0) is None


def test_a_charge_is_kept_as_it_begins_and_ends_and_every_five_minutes() -> None:
    keeping, kept_at = Keeping(), []
    for second in range(1000):
        is_charging = 100 <= second < 900
        lasted_s = float(second - 100) if is_charging else 0.0
        charges = {"e1": Charge(lasted_s, is_under_way=is_charging)}
        if keeping.is_due(charges, float(second)):
            keeping.tried(charges, float(second))
            kept_at.append(second)
    assert kept_at == [0, 100, 400, 700, 900]


class Wall:
    """A station with its agent, and an e-bike of 500 W at e1 whose limit is 12 minutes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.start()

    def start(self, card: Executor | None = None) -> None:
        tables = example_tables()
        tables["chargers"][2]["max_h"] = 0.2
        limits = OutboxLimits(path=self.folder / "outbox.db")
        self.outbox = Outbox("ks-songnan", limits, self.clock, card, patience_s=0.0)
        given = (tables, None, self.outbox.notes.charges(), self.clock)
        self.station = StationOnBoard(self.folder, *given)
        profile = self.station.profile
        link = FakeLink(profile.station.district, profile.station.id)
        ids = (profile.station.district, profile.station.id)
        uplink = Uplink(*ids, self.outbox, link, self.clock, Random(1))
        self.agent = Agent(profile.report, self.station.sampler, self.outbox, uplink, self.clock)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            is_closed = self.station.board.level(5)
            self.station.board.set_volts("a2", 0.33 + (500 / 600 if is_closed else 0))
            self.station.turn()
            self.agent.turn()

    def faults(self) -> set[tuple[str, str]]:
        return self.station.faults()

    def crash(self) -> None:
        """As a kill does: nothing is said and nothing written."""
        self.agent.abandon()
        self.station.board.close()


@pytest.mark.parametrize("end", ["killed", "stopped", "power cut"])
def test_the_limit_of_a_charge_holds_over_any_end_of_the_agent(tmp_path: Path, end: str) -> None:
    wall = Wall(tmp_path)
    wall.run(30 + 8 * 60)
    assert wall.faults() == set()
    if end == "stopped":
        wall.agent.stop()
    else:
        wall.crash()
    if end == "power cut":
        wall.clock.reboot(wall.clock.now())
    wall.start()
    wall.run(30)
    assert wall.faults() == set()
    wall.run(4.5 * 60)
    assert wall.faults() == {("e1", "too_long")}
    assert not wall.station.board.level(5)
    wall.agent.stop()
    wall.station.board.close()


def test_what_a_full_card_refused_is_kept_as_soon_as_there_is_room(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    wall.run(30)
    with full_disk():
        wall.station.sampler.open_contactor("e1")
        wall.run(30)
    wall.run(RETRY_S)
    wall.crash()
    wall.start()
    assert (wall.outbox.notes.charges() or {})["e1"].trip is Trip.COMMANDED
    wall.run(60)
    assert not wall.station.board.level(5), "only a person may close it"
    wall.agent.stop()
    wall.station.board.close()


def test_a_card_that_lost_its_file_is_given_the_charges_again(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    wall.run(30)
    wall.station.sampler.open_contactor("e1")
    wall.run(1)
    wall.run(90)
    card = wall.outbox._keeper.file
    assert card is not None
    card._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / "outbox.db"
    path.write_bytes(b"\xa5" * path.stat().st_size)
    card._open().execute("PRAGMA shrink_memory")
    assert wall.outbox.payload(wall.outbox.backlog()[0]) is None
    wall.run(RETRY_S)
    wall.crash()
    wall.start()
    assert (wall.outbox.notes.charges() or {})["e1"].trip is Trip.COMMANDED
    wall.agent.stop()
    wall.station.board.close()


def overheated(wall: Wall) -> None:
    """A battery was too hot, the contactor has opened, and then the power is cut."""
    probe = "28-0316a2791bff"
    wall.run(30)
    wall.station.board.set_celsius(probe, 61.0)
    wall.run(15)
    assert wall.faults() == {("e1", "overheat")}
    wall.station.board.set_celsius(probe, 20.0)
    wall.run(15)
    wall.crash()
    wall.clock.reboot(wall.clock.now())


def test_a_card_that_cannot_be_read_at_the_start_leaves_the_contactor_open(tmp_path: Path) -> None:
    """It may have been an overheated battery that opened it: nobody knows, and that is said."""
    wall = Wall(tmp_path)
    overheated(wall)
    card = tmp_path / "outbox.db"
    card.rename(tmp_path / "away")
    card.mkdir()
    wall.start()
    wall.run(120)
    assert wall.faults() == {("e1", "forgotten")}
    assert not wall.station.board.level(5)
    assert wall.station.sampler.close_contactor("e1") is None, "a person has looked"
    wall.run(1)
    assert wall.station.board.level(5)
    wall.agent.stop()
    wall.station.board.close()


def test_a_damaged_card_that_has_lost_the_charges_leaves_the_contactor_open(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    overheated(wall)
    card = tmp_path / "outbox.db"
    for suffix in ("-wal", "-shm"):
        card.with_name(card.name + suffix).unlink(missing_ok=True)
    card.write_bytes(b"\xa5" * 40_960)
    wall.start()
    wall.run(60)
    assert wall.faults() == {("e1", "forgotten")}
    wall.crash()
    wall.start()
    wall.run(60)
    assert wall.faults() == {("e1", "forgotten")}, "a restart does not make it known"
    wall.crash()


@pytest.mark.parametrize("was_hot", [True, False])
def test_a_card_that_comes_late_tells_what_was_latched(tmp_path: Path, was_hot: bool) -> None:
    wall = Wall(tmp_path)
    if was_hot:
        overheated(wall)
    else:
        wall.run(30)
        wall.crash()
    card = HangingCard()
    card.hangs = True
    wall.start(card)
    wall.run(60)
    assert wall.faults() == {("e1", "forgotten")}
    assert not wall.station.board.level(5)
    card.come_back()
    wall.run(30)
    assert wall.faults() == ({("e1", "overheat")} if was_hot else set())
    assert wall.station.board.level(5) is not was_hot
    wall.crash()
    wall.start()
    latched = (wall.outbox.notes.charges() or {})["e1"].trip
    assert latched is (Trip.OVERHEAT if was_hot else None)
    wall.crash()


def test_a_station_that_never_ran_has_nothing_to_forget(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    wall.run(30)
    assert wall.faults() == set()
    assert wall.station.board.level(5)
    wall.crash()
