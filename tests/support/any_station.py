"""A station to which anything happens: its wires, its card, its network, its clock and its power.

`Lived` is a whole agent on a mock board between a hostile world and a server that writes down what
it was told. `checked` and `settled` say what must hold whatever has happened.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Protocol

from tests.support.clocks import FakeClock
from tests.support.links import FakeLink
from tests.support.outbox_bench import full_disk
from tests.support.stations import TURN_S, StationOnBoard, example_tables
from warmstation_edge.agent import Agent
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.run import counters
from warmstation_edge.uplink import Offline, Online, Uplink
from warmstation_wire import Calibration, Command, Desired, Leaf, Receipt, Report, decode
from warmstation_wire.command import CommandName
from warmstation_wire.parts import FIRST_MOMENT

ROOM, PROBE = "28-0316a2795aff", "28-0316a2791bff"
DRIVE, FEEDBACK, SMOKE, OUTER, INNER, PRESENCE = 5, 6, 25, 17, 27, 23
MAX_C, MAX_W = 60.0, 1200.0
SMOKE_WITHIN_S, SAMPLED_WITHIN_S = 1.0, 5.5
LONGEST_BLIND_S = 60.0 + SAMPLED_WITHIN_S
_ZERO_V, _WATTS_PER_V = 0.33, 600.0


class Server(Protocol):
    """Hears a station and sends receipts."""

    is_there: bool

    @property
    def told(self) -> Mapping[tuple[str, int], Report]:
        """All that it has committed."""
        ...

    def hear(self, link: FakeLink, seconds: float) -> None:
        """Take what was published in the last `seconds`; receipts come with the next turn."""
        ...


class Scribe:
    """A server that receipts what it was told, if it is there, and remembers it."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], Report] = {}
        self.is_there = True

    @property
    def told(self) -> Mapping[tuple[str, int], Report]:
        """All that it has committed."""
        return self._told

    def hear(self, link: FakeLink, seconds: float) -> None:
        """Write it down, once."""
        for payload in link.take(Leaf.REPORT):
            report = decode(Report, payload)
            if self.is_there:
                key = (report.stream, report.seq)
                assert undated(self._told.setdefault(key, report)) == undated(report), "two truths"
                link.receipt(*key)


def undated(report: Report) -> Report:
    """The report without what may still be learned of its time."""
    return report.model_copy(update={"measured_at": None, "clock": None})


class Lived:
    """One station from now on; every method but `run` is something that happens to it."""

    def __init__(self, folder: Path, server: Server | None = None, seed: int = 1) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.server = server or Scribe()
        self.rng = Random(seed)
        self.added: list[Report] = []
        self.lost: set[tuple[str, int]] = set()
        self.is_plugged = True
        self._since: dict[str, float] = {}
        self._watts: float | None = 0.0
        self._orders = 0
        self._disk = ExitStack()
        self._is_full = False
        self._board: StationOnBoard | None = None
        self.wires: dict[str, Callable[[StationOnBoard], None]] = {}
        self._start()

    # what happens

    def wire(self, name: str, does: Callable[[StationOnBoard], None]) -> None:
        """Something outside changes, and stays so over a restart of the agent."""
        self.wires[name] = does
        does(self.board)

    def probe(self, probe: str, celsius: float | str) -> None:
        """A probe measures this, or fails in this way."""
        self._mark(
            "hot",
            probe == PROBE and isinstance(celsius, float) and celsius >= MAX_C,
            probe == PROBE,
        )
        self.wire(probe, lambda one: _spoiled(one, probe, celsius))

    def power(self, watts: float | None) -> None:
        """The bike draws this where it may; None: the transducer is gone."""
        self._watts = watts

    def smoke(self, level: bool | None) -> None:
        """The detector's wire: high is smoke, so is a cut one."""
        self._mark("smoke", level is not False)
        self.wire(
            "smoke",
            lambda one: one.board.cut(SMOKE) if level is None else one.board.drive(SMOKE, level),
        )

    def weld(self, is_welded: bool) -> None:
        """The contactor does not follow any more."""
        self.wire("weld", lambda one: setattr(one, "feedback_follows", not is_welded))

    def beam(self, pin: int, is_dark: bool) -> None:
        """A beam is interrupted, or clear."""
        self.board.board.drive(
            pin, is_dark, at=self.clock.monotonic() - self.rng.uniform(0, TURN_S)
        )

    def present(self, level: bool) -> None:
        """The radar sees somebody."""
        self.wire("presence", lambda one: one.board.drive(PRESENCE, level))

    def command(self, name: CommandName, late_s: float = -60.0, again: bool = False) -> None:
        """A command comes, or the last one once more."""
        self._orders += not again
        deadline = max(self.clock.now() - timedelta(seconds=late_s), FIRST_MOMENT)
        order = Command(id=f"c-{self._orders}", command=name, deadline=deadline, point="e1")
        if self.is_plugged:
            self.link.arrive(Leaf.COMMAND, order.to_json())

    def desire(self, scale: float, offset: float, sample_s: float) -> None:
        """The server corrects every sensor in this way."""
        each = Calibration(scale=scale, offset=offset)
        names = ("room", "e1", "e1.probe", "p1", "water", "heater")
        wanted = Desired(revision=1, sample_s=sample_s, calibration=dict.fromkeys(names, each))
        if self.is_plugged:
            self.link.arrive(Leaf.DESIRED, wanted.to_json())

    def noise(self, payload: bytes) -> None:
        """Something comes that nobody can read, on every topic."""
        for leaf in (Leaf.RECEIPT, Leaf.DESIRED, Leaf.COMMAND):
            self.link.arrive(leaf, payload)

    def receipt(self, first: int, last: int) -> None:
        """A receipt for what another stream has, or nobody."""
        for stream in ("0000", "ffffffffffff"):
            self.link.arrive(
                Leaf.RECEIPT, Receipt(stream=stream, seqs=(f"{first}-{last}",)).to_json()
            )

    def network(self, is_plugged: bool) -> None:
        """The connection breaks, or is there again."""
        if is_plugged != self.is_plugged:
            self.is_plugged = is_plugged
            self.link.happen(Online() if is_plugged else Offline("cut"))

    def serve(self, is_there: bool) -> None:
        """The server stops hearing what the broker takes, or hears again."""
        self.server.is_there = is_there

    def disk(self, is_full: bool) -> None:
        """Nothing can be written any more, or again."""
        self._disk.close()
        self._is_full = is_full
        if is_full:
            self._disk.enter_context(full_disk())

    def step(self, seconds: float) -> None:
        """The wall clock is set."""
        self.clock.step(max(self.clock.now() + timedelta(seconds=seconds), FIRST_MOMENT))

    def synced(self, is_synced: bool) -> None:
        """A time server has been reached, or has not answered for too long."""
        self.clock.synced = is_synced

    def stop(self) -> None:
        """An orderly restart."""
        stream, before = self.outbox.stream, self._counted()
        self.agent.stop()
        self._lose_unwritten()
        assert not self.board.board.level(DRIVE), "no agent, no charge"
        self.board.board.close()
        self._start()
        assert self.outbox.stream == stream or self._is_full
        if self.outbox.stream == stream:
            assert self._counted() == before, "a restored state is the same to the bit"

    def cut(self, reboots: bool, at: datetime | None = None) -> None:
        """The power goes; the card has what was written, and perhaps a torn rest."""
        card, image, is_full = self.folder / "card", self.folder / "image", self._is_full
        self.disk(is_full=False)
        shutil.copytree(card, image)
        self._lose_unwritten()
        self.agent.abandon()
        self.board.board.close()
        shutil.rmtree(card)
        image.rename(card)
        log = card / "outbox.db-wal"
        if log.exists():
            with log.open("ab") as torn:
                torn.write(self.rng.randbytes(self.rng.randrange(5000)))
        if reboots:
            self.clock.reboot(at or datetime(1970, 1, 1, tzinfo=UTC))
            self._since = dict.fromkeys(self._since, 0.0)
        self.disk(is_full)
        self._start()

    # time

    def run(self, seconds: float) -> None:
        """Turns, each checked."""
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            self._draw()
            self.board.turn()
            self.agent.turn()
            if not self.is_plugged:
                self.link.sent.clear()
            self.server.hear(self.link, TURN_S)
            self.checked()

    def checked(self) -> None:
        """What must hold in every turn."""
        is_closed = self.board.board.level(DRIVE)
        if is_closed:
            assert not self._lasts("smoke", SMOKE_WITHIN_S), "smoke opens at once"
            assert not self._lasts("hot", SAMPLED_WITHIN_S), "heat opens with the next sample"
            assert not self._lasts("over", 2 * SAMPLED_WITHIN_S), "so does too much current"
        if self._lasts("hot", 2 * SAMPLED_WITHIN_S):
            assert ("e1", "overheat") in self.board.faults(), "heat is told, open or not"
        if self._lasts("smoke", SMOKE_WITHIN_S):
            safety = self.board.sampler.measure().safety
            assert safety is not None
            assert safety.smoke

    def settled(self) -> None:
        """All is well again: everything that was measured and could be kept has arrived once."""
        self.disk(is_full=False)
        self.network(is_plugged=True)
        self.server.is_there = True
        for _ in range(40):
            self.run(60)
            if self.outbox.queued <= 2:
                break
        measured = {(report.stream, report.seq): report for report in self.added}
        assert len(measured) == len(self.added), "no number is used twice"
        waiting = {(self.outbox._book.waiting[seq].stream, seq) for seq in self.outbox.backlog()}
        missing = measured.keys() - self.server.told.keys() - self.lost - waiting
        assert not missing, missing
        for key, report in self.server.told.items():
            assert undated(report) == undated(measured[key]), "what is held is what was measured"
        assert self.outbox.queued <= 2, self.outbox.queued
        self._rose()

    def end(self) -> None:
        """Let everything go."""
        self._disk.close()
        self.outbox.abandon()
        self.board.close()

    @property
    def board(self) -> StationOnBoard:
        """The station as it runs now."""
        assert self._board is not None
        return self._board

    def _rose(self) -> None:
        last: dict[str, tuple[int, Any]] = {}
        for report in self.added:
            people, chargers = report.people, report.chargers or ()
            assert people is not None
            figures = (people.entered or 0, people.left or 0, *(c.energy_wh or 0 for c in chargers))
            seq, before = last.get(report.stream, (0, figures))
            assert report.seq > seq
            assert all(now >= was for now, was in zip(figures, before, strict=True))
            last[report.stream] = (report.seq, figures)

    def _counted(self) -> Any:
        return self.board.sampler.counters().model_copy(update={"doubt": 0.0})

    def _start(self) -> None:
        limits = OutboxLimits(path=self.folder / "card" / "outbox.db")
        self.outbox = Outbox("ks-songnan", limits, self.clock)
        given = (example_tables(), counters(self.outbox), self.outbox.notes.charges(), self.clock)
        self._board = StationOnBoard(self.folder, *given)
        for does in self.wires.values():
            does(self.board)
        profile = self.board.profile
        ids = (profile.station.district, profile.station.id)
        self.link = FakeLink(*ids)
        uplink = Uplink(*ids, self.outbox, self.link, self.clock, self.rng)
        self.agent = Agent(
            profile.report, self.board.sampler, self.outbox, uplink, self.clock, on_report=self._add
        )
        if self.is_plugged:
            self.link.happen(Online())

    def _add(self, report: Report) -> None:
        self.added.append(report)
        if self.outbox.is_urgent(report.seq) and not self._is_full:
            assert report.seq not in self.outbox._book.unwritten, "a safety event is on the card"

    def _lose_unwritten(self) -> None:
        self.lost |= {(self.outbox.stream, seq) for seq in self.outbox._book.unwritten}

    def _draw(self) -> None:
        is_closed = not self.board.board.level(FEEDBACK)
        watts = self._watts
        flows = watts if is_closed and watts is not None else 0.0
        self._mark("over", watts is not None and watts > 1.5 * MAX_W and is_closed)
        self.board.board.set_volts("a2", 0.0 if watts is None else _ZERO_V + flows / _WATTS_PER_V)

    def _mark(self, what: str, is_so: bool, matters: bool = True) -> None:
        if not matters:
            return
        if not is_so:
            self._since.pop(what, None)
        else:
            self._since.setdefault(what, self.clock.monotonic())

    def _lasts(self, what: str, seconds: float) -> bool:
        return what in self._since and self.clock.monotonic() - self._since[what] > seconds


def _spoiled(one: StationOnBoard, probe: str, celsius: float | str) -> None:
    if isinstance(celsius, float):
        one.board.set_celsius(probe, celsius)
    elif celsius == "gone":
        one.board.unplug_probe(probe)
    elif celsius == "crc":
        one.board.spoil_crc(probe)
    elif celsius == "power on":
        one.board.power_on_probe(probe)
    else:
        one.board.set_w1_slave(probe, celsius)
