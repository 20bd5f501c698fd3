"""A whole agent on a mock board, from its pins to what goes out, on a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.support.links import FakeLink
from tests.support.stations import TURN_S, StationOnBoard
from warmstation_edge.agent import Agent
from warmstation_edge.counters import Counters
from warmstation_edge.due import Intervals
from warmstation_edge.outbox import Outbox
from warmstation_edge.run import counters
from warmstation_edge.uplink import Online, Uplink
from warmstation_wire import (
    Applied,
    Command,
    Desired,
    Leaf,
    Receipt,
    Report,
    Result,
    decode,
)
from warmstation_wire.command import CommandName


class Site:
    """A station on a board with its agent; the link is the test's."""

    def __init__(self, folder: Path, given: Counters | None = None) -> None:
        self.folder = folder
        self.station = StationOnBoard(folder, counters=given)
        self.profile = self.station.profile
        self.clock = self.station.clock
        self.link = FakeLink(self.profile.station.district, self.profile.station.id)
        self.outbox = Outbox(self.profile.station.id, self.profile.outbox, self.clock)
        self.reports: list[Report] = []
        self.receipts: list[Receipt] = []
        uplink = Uplink(
            self.profile.station.district,
            self.profile.station.id,
            self.outbox,
            self.link,
            self.clock,
            Random(1),
            on_receipt=self.receipts.append,
        )
        self.agent = Agent(
            self.profile.report,
            self.station.sampler,
            self.outbox,
            uplink,
            self.clock,
            is_simulated=True,
            on_report=self.reports.append,
        )

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            self.station.turn()
            self.agent.turn()

    def command(self, name: CommandName, point: str | None = None) -> Result:
        order = Command(
            id=f"c-{len(self.link.sent)}",
            command=name,
            deadline=self.clock.now() + timedelta(minutes=1),
            point=point,
        )
        self.link.arrive(Leaf.COMMAND, order.to_json())
        self.run(TURN_S)
        return decode(Result, self.link.take(Leaf.RESULT)[0])

    def desire(self, desired: Desired) -> Applied:
        self.link.arrive(Leaf.DESIRED, desired.to_json())
        self.run(TURN_S)
        return decode(Applied, self.link.take(Leaf.APPLIED)[0])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.outbox.abandon()
    site.station.sampler.close()


def test_it_samples_and_keeps_with_broker_dns_and_clock_absent(site: Site) -> None:
    site.clock.synced = False
    site.run(600)
    assert 10 <= len(site.reports) <= 20
    assert {report.clock for report in site.reports} == {"unsynced"}
    assert site.outbox.queued == len(site.reports)
    assert site.reports[-1].climate is not None


def test_a_quiet_station_reports_once_a_minute(site: Site) -> None:
    site.run(120)
    before = len(site.reports)
    site.run(600)
    assert len(site.reports) - before == 10


def test_smoke_is_on_the_card_in_the_turn_that_sees_it(site: Site) -> None:
    site.run(30)
    assert site.profile.smoke is not None
    site.station.board.drive(site.profile.smoke.pin, True)
    seen = len(site.reports)
    for _ in range(8):
        site.run(TURN_S)
        if len(site.reports) > seen:
            break
    report = site.reports[seen]
    assert report.safety is not None
    assert report.safety.smoke
    site.outbox.abandon()
    after = Outbox(site.profile.station.id, site.profile.outbox, site.clock)
    assert report.seq in after.backlog()
    after.abandon()


def test_the_agents_own_state_is_in_each_report(site: Site) -> None:
    site.run(180)
    state = site.reports[-1].agent
    assert state is not None
    assert (state.queued, state.dropped, state.simulated) == (len(site.reports) - 1, 0, True)
    assert state.version


def test_receipts_reach_the_hook_and_the_queue_shrinks(site: Site) -> None:
    site.run(30)
    site.link.happen(Online())
    site.run(1)
    site.link.receipt(site.outbox.stream, *site.outbox.backlog())
    site.run(1)
    assert site.outbox.queued == 0
    assert len(site.receipts) == 1
    site.run(61)
    state = site.reports[-1].agent
    assert state is not None
    assert state.queued == 0


def test_a_refusal_of_the_broker_is_a_fault_in_the_next_report(site: Site) -> None:
    site.link.refusal = "Not authorized"
    site.link.happen(Online())
    site.run(130)
    faults = site.reports[-1].faults or ()
    assert ("uplink", "refused") in {(fault.sensor, fault.reason) for fault in faults}


def test_the_server_changes_the_intervals(site: Site) -> None:
    site.link.happen(Online())
    site.run(120)
    assert site.desire(Desired(revision=3, report_s=10.0)) == Applied(revision=3, ok=True)
    before = len(site.reports)
    site.run(60)
    assert len(site.reports) - before == 6
    assert site.agent.intervals.debounce_s == site.profile.report.debounce_s


def test_a_configuration_is_taken_whole_or_not_at_all(site: Site) -> None:
    site.link.happen(Online())
    site.run(1)
    desired = Desired.model_validate(
        {"revision": 4, "report_s": 10.0, "calibration": {"no-such": {"scale": 2.0}}}
    )
    answer = site.desire(desired)
    assert (answer.revision, answer.ok) == (4, False)
    assert answer.reason
    assert site.agent.intervals.report_s == site.profile.report.report_s


def test_contactors_obey_and_say_why_not(site: Site) -> None:
    site.link.happen(Online())
    site.run(60)
    point = next(charger.id for charger in site.profile.chargers if charger.kind == "ebike")
    assert site.command("open-contactor", point).outcome == "done"
    assert site.command("close-contactor", point).outcome == "done"
    assert site.command("open-contactor", "p99").outcome == "failed"
    assert site.command("close-contactor", "p99").outcome == "failed"


def test_people_are_zeroed_on_command(site: Site) -> None:
    site.link.happen(Online())
    site.run(60)
    assert site.command("zero-people").outcome == "done"
    site.run(61)
    people = site.reports[-1].people
    assert people is not None
    assert (people.inside, people.confidence) == (0, 1.0)


def test_a_station_that_cannot_show_itself_says_so(site: Site) -> None:
    site.link.happen(Online())
    site.run(1)
    assert site.command("identify").outcome == "failed"


def test_an_orderly_stop_writes_everything_and_the_counters_go_on(tmp_path: Path) -> None:
    site = Site(tmp_path, Counters(entered=41, left=40, inside=1))
    site.run(130)
    stream, waiting = site.outbox.stream, site.outbox.backlog()
    site.agent.stop()
    assert site.link.is_closed
    after = Outbox(site.profile.station.id, site.profile.outbox, site.clock)
    given = counters(after)
    assert given is not None
    assert (given.entered, given.left, given.inside) == (41, 40, 1)
    assert (after.stream, after.backlog()) == (stream, waiting)
    after.abandon()


def test_after_a_power_cut_the_counters_begin_with_a_new_stream(tmp_path: Path) -> None:
    site = Site(tmp_path, Counters(entered=41, left=40, inside=1))
    site.run(130)
    site.agent.abandon()
    site.station.sampler.close()
    after = Outbox(site.profile.station.id, site.profile.outbox, site.clock)
    assert counters(after) is None
    assert after.stream != site.outbox.stream
    after.abandon()


def test_an_agent_starts_no_threads_of_its_own(tmp_path: Path) -> None:
    before = threading.active_count()
    sites = [Site(tmp_path / str(number)) for number in range(5)]
    for site in sites:
        site.run(10)
    assert threading.active_count() == before
    for site in sites:
        site.agent.stop()


def test_a_card_that_fails_at_the_stop_keeps_no_contactor_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path)
    site.run(20)
    assert site.station.board.level(5)

    def dies(*_: object) -> None:
        raise RuntimeError("the card is gone")

    monkeypatch.setattr(site.outbox, "close", dies)
    with pytest.raises(RuntimeError):
        site.agent.stop()
    assert not site.station.board.level(5)
    site.outbox.abandon()


def test_two_zeros_before_the_next_report_tell_all_who_were_counted(site: Site) -> None:
    site.link.happen(Online())
    site.run(10)
    for _ in range(3):
        site.station.cross(17, 27)
    site.run(3)
    site.agent.intervals = Intervals(report_s=60, debounce_s=30)
    assert site.command("zero-people").outcome == "done"
    site.run(5)
    site.station.sampler.zero_people()
    site.run(60)
    told = [report.people.zeroed for report in site.reports if report.people]
    assert [(one.by, one.counted) for one in told if one] == [("command", 3)]
