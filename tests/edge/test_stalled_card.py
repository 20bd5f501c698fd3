"""A worn card takes half a minute for one write: nothing else waits for it, and nothing is lost."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.support.clocks import FakeClock
from tests.support.hanging_card import HangingCard
from tests.support.links import FakeLink
from tests.support.outbox_bench import STATION, Bench, full_disk
from tests.support.patience import PATIENCE_S
from tests.support.stations import TURN_S, StationOnBoard
from warmstation_edge.agent import Agent
from warmstation_edge.card import STALLED_S, TOLD_S, Card
from warmstation_edge.outbox import READ_AHEAD, Outbox
from warmstation_edge.outbox_file import OutboxFile
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.threads import Threads
from warmstation_edge.uplink import Online, Uplink
from warmstation_wire import Command, Leaf, Receipt, Report, Result, decode
from warmstation_wire.command import CommandName


class SlowBench(Bench):
    """An outbox whose card hangs when the test says so."""

    def __init__(self, directory: Path, max_mb: float = 64) -> None:
        self.slow = HangingCard()
        super().__init__(directory, max_mb)
        self.outbox.tick()

    def start(self) -> Outbox:
        self.outbox = Outbox(STATION, self.limits, self.clock, self.slow, patience_s=0.0)
        return self.outbox

    def on_card(self) -> list[int]:
        """The numbers that a power cut would leave."""
        with sqlite3.connect(f"file:{self._image()}?mode=rw", uri=True) as copy:
            found = [seq for (seq,) in copy.execute("SELECT seq FROM reports ORDER BY seq")]
        copy.close()
        return found

    def _image(self) -> Path:
        image = self.path.parent / "image.db"
        for suffix in ("", "-wal"):
            source = self.path.with_name(self.path.name + suffix)
            target = image.with_name(image.name + suffix)
            target.write_bytes(source.read_bytes() if source.exists() else b"")
        return image


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SlowBench]:
    bench = SlowBench(tmp_path)
    yield bench
    bench.slow.come_back()
    bench.outbox.abandon()


def faults(bench: Bench) -> list[str]:
    return [fault.reason for fault in bench.outbox.faults()]


def test_a_safety_event_can_be_sent_while_the_card_hangs_and_is_written_when_it_comes_back(
    bench: SlowBench,
) -> None:
    bench.slow.hangs = True
    report = bench.add(urgent=True)
    payload = bench.outbox.payload(report.seq)
    assert payload is not None
    assert decode(Report, payload) == report
    assert bench.on_card() == []
    bench.slow.come_back()
    bench.outbox.tick()
    assert bench.on_card() == [report.seq]


def test_what_comes_while_a_batch_hangs_is_written_after_it_in_order(bench: SlowBench) -> None:
    bench.slow.hangs = True
    first = bench.add(urgent=True).seq
    later = [bench.add(urgent=number == 1).seq for number in range(4)]
    bench.outbox.tick()
    assert bench.slow.waiting == 1, "one errand at a time, however much waits"
    bench.slow.step()
    assert bench.on_card() == [first]
    bench.outbox.tick()
    bench.slow.step()
    assert bench.on_card() == [first, *later]


def test_a_receipt_for_what_is_being_written_takes_it_off_the_card_again(bench: SlowBench) -> None:
    kept, sent = bench.add(), bench.add()
    bench.slow.hangs = True
    bench.outbox.flush()
    assert bench.receipt(sent) == [sent.seq]
    assert bench.outbox.backlog() == [kept.seq]
    bench.slow.come_back()
    bench.outbox.tick()
    assert bench.on_card() == [kept.seq, sent.seq], "the write was under way"
    bench.clock.advance(seconds=60)
    bench.outbox.tick()
    assert bench.on_card() == [kept.seq]
    assert bench.cut().backlog() == [kept.seq]


def test_a_write_that_hangs_and_then_fails_loses_nothing(bench: SlowBench) -> None:
    gone = bench.add()
    bench.outbox.flush()
    bench.slow.hangs = True
    bench.receipt(gone)
    reports = [bench.add(urgent=True).seq]
    with full_disk():
        bench.slow.come_back()
    reports.append(bench.add().seq)
    assert bench.outbox.backlog() == reports
    bench.outbox.tick()
    assert faults(bench) in (["full"], ["io"])
    bench.clock.advance(seconds=60)
    bench.outbox.tick()
    assert faults(bench) == []
    assert bench.cut().backlog() == reports, "and what was receipted is gone"


def test_memory_is_bounded_while_the_card_hangs_and_what_is_dropped_is_counted(
    bench: SlowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmstation_edge.outbox.MEMORY_BYTES", 20_000)
    bench.slow.hangs = True
    alarm = bench.add(urgent=True).seq
    for _ in range(500):
        bench.add()
        bench.outbox.tick()
    left = bench.outbox.backlog()
    assert left[0] == alarm
    assert len(left) + bench.outbox.dropped == 501
    assert bench.slow.waiting == 1
    bench.slow.come_back()
    bench.outbox.tick()
    bench.outbox.flush()
    assert bench.cut().backlog() == left


def test_a_card_that_hangs_is_told_and_for_a_while_after(bench: SlowBench) -> None:
    bench.slow.hangs = True
    bench.add(urgent=True)
    bench.clock.advance(seconds=STALLED_S - 0.1)
    bench.outbox.tick()
    assert faults(bench) == []
    bench.clock.advance(seconds=0.1)
    bench.outbox.tick()
    assert faults(bench) == ["stalled"]
    bench.slow.come_back()
    bench.outbox.tick()
    bench.clock.advance(seconds=TOLD_S - 1)
    assert faults(bench) == ["stalled"]
    bench.clock.advance(seconds=1)
    assert faults(bench) == []


def test_no_number_and_stream_are_used_twice_over_stalls_and_cuts(bench: SlowBench) -> None:
    chance, used, waits = Random(7), [], set()
    for _ in range(9):
        for _ in range(chance.randrange(1, 700)):
            used.append((bench.outbox.stream, bench.add(urgent=chance.random() < 0.01).seq))
            if chance.random() < 0.01:
                bench.slow.hangs = not bench.slow.hangs
            if chance.random() < 0.1 and bench.slow.waiting:
                bench.slow.step()
            bench.clock.advance(seconds=1)
            bench.outbox.tick()
        bench.outbox.flush()
        waits = set(bench.on_card())
        bench.slow.come_back()
        if chance.random() < 0.5:
            bench.outbox.abandon()
        else:
            bench.outbox.close({"entered": 5}, patience_s=0.0)
        bench.slow.hangs = chance.random() < 0.3
        bench.start()
    assert len(used) == len(set(used))
    bench.slow.come_back()
    bench.outbox.tick()
    assert waits <= set(bench.outbox.backlog()), "what was on the card waits on"


def test_a_power_cut_at_any_errand_leaves_what_was_acknowledged(bench: SlowBench) -> None:
    """The card is looked at after each single errand: each batch is there whole or not at all."""
    chance, promised = Random(11), set[int]()
    batches: list[set[int]] = []
    for _ in range(25):
        bench.slow.hangs = True
        batch = {bench.add(urgent=n == 2).seq for n in range(3)}
        batches.append(batch)
        while bench.slow.waiting and chance.random() < 0.7:
            before = set(bench.on_card())
            bench.slow.step()
            new = set(bench.on_card()) - before
            assert all(new >= one or not new & one for one in batches[:-1])
            promised |= new
            bench.outbox.tick()
        assert promised <= set(bench.on_card())
    bench.slow.come_back()
    bench.outbox.tick()
    assert bench.on_card() == sorted(set().union(*batches))


def test_a_backlog_is_read_from_the_card_without_waiting_for_it(bench: SlowBench) -> None:
    waiting = [bench.add().seq for _ in range(100)]
    bench.outbox.flush()
    bench.slow.hangs = True
    newest = waiting[::-1]
    assert not bench.outbox.fetch(newest)
    assert bench.outbox.payload(newest[0]) is None
    assert bench.outbox.queued == 100, "not at hand is not lost"
    bench.slow.step()
    bench.outbox.tick()
    assert bench.outbox.fetch(newest)
    for seq in newest[:READ_AHEAD]:
        payload = bench.outbox.payload(seq)
        assert payload is not None
        assert decode(Report, payload).seq == seq
    assert not bench.outbox.fetch(newest[READ_AHEAD:])


def test_a_card_that_hangs_at_the_start_costs_no_number_and_no_report(bench: SlowBench) -> None:
    before = bench.add()
    bench.outbox.close({"entered": 5}, patience_s=0.0)
    bench.slow.hangs = True
    outbox = bench.start()
    assert outbox.counters is None
    assert outbox.stream != before.stream, "the file still says that it ended in order"
    during = bench.add(urgent=True)
    assert outbox.backlog() == [during.seq]
    bench.slow.come_back()
    outbox.tick()
    assert outbox.backlog() == [before.seq, during.seq]
    after = bench.add(urgent=True)
    assert bench.on_card() == [before.seq, during.seq, after.seq]
    assert outbox.stream == during.stream == after.stream
    outbox.close({"entered": 6}, patience_s=0.0)
    bench.start()
    assert bench.outbox.counters == {"entered": 6}


def test_a_start_that_hangs_as_it_reserves_numbers_takes_no_stream_that_ended(
    bench: SlowBench,
) -> None:
    before = bench.add()
    bench.outbox.close({"entered": 5}, patience_s=0.0)
    bench.slow.hangs, bench.slow.free = True, 1
    outbox = bench.start()
    assert outbox.backlog() == [before.seq], "the file was read"
    assert outbox.counters is None
    during = bench.add(urgent=True)
    assert during.stream != before.stream
    bench.slow.come_back()
    outbox.tick()
    assert bench.cut().backlog() == [before.seq, during.seq]


def test_a_stop_does_not_wait_for_a_card_that_hangs(bench: SlowBench) -> None:
    kept = bench.add(urgent=True)
    bench.slow.hangs = True
    bench.add(urgent=True)
    bench.outbox.close({"entered": 5}, patience_s=0.0)
    bench.slow.hangs = False
    bench.slow.come_back()
    after = bench.start()
    assert kept.seq in after.backlog()
    assert after.counters is None, "the card was not told that this was an orderly stop"
    assert after.stream != kept.stream


class Site:
    """A station with its agent on a card that can hang; the contactor of e1 is on pin 5."""

    def __init__(self, folder: Path) -> None:
        self.card = HangingCard()
        self.station = StationOnBoard(folder)
        profile, clock = self.station.profile, self.station.clock
        self.link = FakeLink(profile.station.district, profile.station.id)
        self.outbox = Outbox(profile.station.id, profile.outbox, clock, self.card, patience_s=0.0)
        ids = (profile.station.district, profile.station.id)
        uplink = Uplink(*ids, self.outbox, self.link, clock, Random(1))
        self.agent = Agent(profile.report, self.station.sampler, self.outbox, uplink, clock)
        self.link.happen(Online())
        self.run(20)
        self.link.take(Leaf.REPORT)
        self.card.hangs = True

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.station.clock.advance(TURN_S)
            self.station.turn()
            self.agent.turn()

    def reports(self) -> list[Report]:
        return [decode(Report, payload) for payload in self.link.take(Leaf.REPORT)]

    def command(self, name: CommandName) -> None:
        deadline = self.station.clock.now() + timedelta(minutes=1)
        order = Command(id=f"c-{name}", command=name, deadline=deadline, point="e1")
        self.link.arrive(Leaf.COMMAND, order.to_json())
        self.run(2 * TURN_S)

    def outcomes(self) -> list[str]:
        return [decode(Result, payload).outcome for payload in self.link.take(Leaf.RESULT)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    assert site.station.board.level(5), "it is closed"
    yield site
    site.card.come_back()
    site.outbox.abandon()
    site.station.close()


def test_smoke_opens_the_contactor_and_is_told_while_the_card_hangs(site: Site) -> None:
    site.outbox.flush()
    site.run(70)  # the batch is due, and hangs
    assert site.card.waiting == 1
    site.reports()
    site.station.board.drive(25, True)
    site.run(1)
    assert not site.station.board.level(5)
    told = [report for report in site.reports() if report.safety and report.safety.smoke]
    assert told
    assert told[0].seq in site.link.heralds
    site.card.come_back()
    site.run(1)
    assert told[0].seq not in site.outbox._book.unwritten, "and it is on the card in the end"


def test_reports_go_out_and_receipts_come_in_while_the_card_hangs(site: Site) -> None:
    site.run(300)
    told = site.reports()
    assert len(told) >= 5
    assert ("outbox", "stalled") in {(one.sensor, one.reason) for one in told[-1].faults or ()}
    site.link.receipt(site.outbox.stream, *(report.seq for report in told))
    site.run(TURN_S)
    assert not {report.seq for report in told} & set(site.outbox.backlog())


def test_opening_waits_for_no_card_and_closing_does(site: Site) -> None:
    site.outbox.flush()
    site.command("open-contactor")
    assert not site.station.board.level(5)
    assert site.outcomes() == ["done"]
    site.command("close-contactor")
    assert site.outcomes() == []
    assert not site.station.board.level(5)
    site.card.come_back()
    site.run(2)
    assert site.outcomes() == ["done"]
    assert site.station.board.level(5)


def test_an_agent_stops_and_opens_its_contactors_while_the_card_hangs(site: Site) -> None:
    site.outbox.flush()
    site.run(70)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Card, "settle", lambda *_: False)  # its patience is over
        site.agent.stop()
    assert not site.station.board.level(5)
    assert site.link.is_closed


def test_a_turn_takes_no_longer_where_a_true_file_hangs(tmp_path: Path) -> None:
    """With a thread of its own, and a write that ends only when the turns are done."""
    hangs, freed = threading.Event(), threading.Event()

    class Hanging(OutboxFile):
        def save(self, *given: object) -> None:
            if hangs.is_set():
                assert freed.wait(PATIENCE_S)
            super().save(*given)  # type: ignore[arg-type]  # handed on

    clock = FakeClock()
    limits = OutboxLimits(path=tmp_path / "outbox.db")
    card = Threads(1, "card")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("warmstation_edge.outbox_repair.OutboxFile", Hanging)
        outbox = Outbox(STATION, limits, clock, card)
        hangs.set()
        bench = Bench.__new__(Bench)
        bench.clock, bench.outbox = clock, outbox
        alarm = bench.add(urgent=True)
        for _ in itertools.repeat(None, 40):
            clock.advance(seconds=TURN_S)
            outbox.tick()
        assert outbox.payload(alarm.seq) is not None
        assert [fault.reason for fault in outbox.faults()] == ["stalled"]
        freed.set()
        outbox.close({}, PATIENCE_S)
    done: Future[None] = card.submit(lambda: None)
    wait([done], PATIENCE_S)
    card.shutdown()
    after = Outbox(STATION, limits, clock)
    assert after.backlog() == [alarm.seq]
    assert after.counters == {}
    assert after.receipted(Receipt.of(alarm.stream, [alarm.seq])) == [alarm.seq]
    after.abandon()
