"""Charging safety from the pins to what goes out: the report comes at once, ahead of everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.support.links import FakeLink
from tests.support.stations import TURN_S, StationOnBoard
from warmstation_edge.agent import Agent
from warmstation_edge.outbox import Outbox
from warmstation_edge.uplink import Online, Uplink
from warmstation_wire import Command, Leaf, Report, Result, decode
from warmstation_wire.command import CommandName


class Site:
    """A station whose agent is connected; the contactor of e1 is on pin 5."""

    def __init__(self, folder: Path) -> None:
        self.station = StationOnBoard(folder)
        profile, clock = self.station.profile, self.station.clock
        self.link = FakeLink(profile.station.district, profile.station.id)
        self.outbox = Outbox(profile.station.id, profile.outbox, clock)
        ids = (profile.station.district, profile.station.id)
        uplink = Uplink(*ids, self.outbox, self.link, clock, Random(1))
        self.agent = Agent(profile.report, self.station.sampler, self.outbox, uplink, clock)
        self.link.happen(Online())
        self.run(20)
        self.link.take(Leaf.REPORT)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.station.clock.advance(TURN_S)
            self.station.turn()
            self.agent.turn()

    def until_open(self, most_s: float) -> Report:
        """Turns until the contactor is open; the report that went out in that very turn."""
        for _ in range(round(most_s / TURN_S)):
            self.run(TURN_S)
            if not self.station.board.level(5):
                self.run(TURN_S)
                return decode(Report, self.link.take(Leaf.REPORT)[-1])
        raise AssertionError("the contactor is still closed")

    def command(self, name: CommandName, seconds: float = 60, order: str = "c-1") -> Result:
        deadline = self.station.clock.now() + timedelta(seconds=seconds)
        payload = Command(id=order, command=name, deadline=deadline, point="e1").to_json()
        self.link.arrive(Leaf.COMMAND, payload)
        self.run(TURN_S)
        return decode(Result, self.link.take(Leaf.RESULT)[-1])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    assert site.station.board.level(5), "it is closed"
    yield site
    site.outbox.abandon()
    site.station.close()


def names(report: Report) -> set[tuple[str, str]]:
    return {(fault.sensor, fault.reason) for fault in report.faults or ()}


def test_overcurrent_overheat_and_smoke_open_it_and_go_out_in_that_turn(site: Site) -> None:
    board = site.station.board
    board.set_volts("a2", 3.25)  # 1,752 W of at most 1,200
    assert ("e1", "overcurrent") in names(site.until_open(15))
    board.set_volts("a2", 0.33)
    site.run(10)
    assert site.command("close-contactor").outcome == "done"
    board.set_celsius("28-0316a2791bff", 61.0)
    assert ("e1", "overheat") in names(site.until_open(15))
    board.set_celsius("28-0316a2791bff", 20.0)
    site.run(10)
    assert site.command("close-contactor", order="c-2").outcome == "done"
    board.drive(25, True)
    safety = site.until_open(3).safety
    assert safety is not None
    assert safety.smoke


def test_lost_telemetry_opens_it_and_goes_out_in_that_turn(site: Site) -> None:
    site.station.board.unplug_probe("28-0316a2791bff")
    report = site.until_open(90)
    assert ("e1", "blind") in names(report)


def test_a_charge_beyond_its_limit_opens_it_and_goes_out_in_that_turn(site: Site) -> None:
    site.station.board.set_volts("a2", 0.33 + 0.5)  # 300 W
    site.run(20)
    site.station.clock.advance(minutes=8 * 60 - 1)
    report = site.until_open(120)
    assert ("e1", "too_long") in names(report)


def test_a_safety_report_is_on_the_card_and_overtakes_a_backlog(site: Site) -> None:
    site.link.unplug()
    site.run(600)
    site.station.board.drive(25, True)
    site.run(2)
    site.station.board.drive(25, False)
    site.run(300)
    alarms = [seq for seq in site.outbox.backlog() if site.outbox.is_urgent(seq)]
    assert alarms
    live = site.outbox.newest()
    site.link.plug()
    order: list[int] = []
    for _ in range(80):
        site.run(TURN_S)
        order += site.link.reports()
    after_live = [seq for seq in order if seq < live]
    assert set(after_live[: len(alarms)]) == set(alarms)


def test_a_stale_or_unsafe_command_is_refused_and_answered(site: Site) -> None:
    assert site.command("open-contactor", seconds=-1).outcome == "late"
    assert site.station.board.level(5)
    assert site.command("open-contactor", order="c-2").outcome == "done"
    assert not site.station.board.level(5)
    site.station.board.drive(25, True)
    site.run(2)
    answer = site.command("close-contactor", order="c-3")
    assert (answer.outcome, answer.detail) == ("unsafe", "e1: smoke persists")
    assert not site.station.board.level(5)


def test_a_command_that_comes_twice_is_done_once_and_answered_twice(site: Site) -> None:
    first = site.command("open-contactor", order="c-9")
    assert site.command("close-contactor", order="c-10").outcome == "done"
    again = site.command("open-contactor", order="c-9")
    assert again == first
    assert site.station.board.level(5), "the second one did nothing"


def test_a_contactor_that_stays_closed_is_a_welded_alarm(site: Site) -> None:
    site.station.feedback_follows = False
    site.command("open-contactor")
    site.link.take(Leaf.REPORT)
    site.run(3)
    report = decode(Report, site.link.take(Leaf.REPORT)[-1])
    assert ("e1.contactor", "welded") in names(report)
    assert report.safety is not None
    assert report.safety.contactor == "fault"
