"""The agent: one turn samples, decides whether a report is due, keeps it and lets it go out.

Synchronous and without threads of its own: `run` and the simulator call `turn` a few times a
second with whatever clock they have. Nothing in a turn waits for the network, for a slow sensor
or for a name server, so that a station that was never connected samples like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel

from warmstation_edge.charges import Keeping
from warmstation_edge.charging import Charge
from warmstation_edge.clock import Clock
from warmstation_edge.due import Intervals, Reported, report_due
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Reporting
from warmstation_edge.uplink import Orders, Uplink
from warmstation_wire import AgentState, Command, Desired, Report
from warmstation_wire.command import Outcome

MAX_FAULTS = 64


class Sampler(Protocol):
    """The sensors as one thing that measures; `sampler.Sampler` is the real one."""

    def turn(self) -> None:
        """Drain edges, poll what is due."""
        ...

    def measure(self) -> Measurement:
        """What is known now."""
        ...

    def reported(self) -> None:
        """What was measured last has been put into the outbox."""
        ...

    def counters(self) -> BaseModel:
        """What has to be handed back after a restart."""
        ...

    def charges(self) -> Mapping[str, Charge]:
        """What of charges has to be handed back after a restart, however it came."""
        ...

    def recall(self, charges: Mapping[str, Charge]) -> None:
        """What the card tells of charges only now."""
        ...

    def apply(self, desired: Desired) -> str | None:
        """Take a configuration; the reason where it is refused whole."""
        ...

    def zero_people(self) -> None:
        """Somebody looked: the room is empty."""
        ...

    def open_contactor(self, point: str | None = None) -> str | None:
        """Open a contactor, or all; why not."""
        ...

    def close_contactor(self, point: str | None = None) -> str | None:
        """Close a contactor, or all; why not."""
        ...

    def identify(self) -> str | None:
        """Show where the station is; why not, where it cannot."""
        ...

    def close(self) -> None:
        """Bring the hardware into its safe state and let it go."""
        ...


class Agent:
    """One station. `on_report` hears of each report once the outbox has it."""

    def __init__(
        self,
        reporting: Reporting,
        sampler: Sampler,
        outbox: Outbox,
        uplink: Uplink,
        clock: Clock,
        is_simulated: bool = False,
        on_report: Callable[[Report], None] | None = None,
    ) -> None:
        self.intervals = Intervals(reporting.report_s, reporting.debounce_s)
        self._sampler = sampler
        self._outbox = outbox
        self._uplink = uplink
        self._clock = clock
        self._is_simulated = is_simulated
        self._on_report = on_report
        self._orders = Orders(self, outbox.notes, clock)
        self._last: Reported | None = None
        self._keeping = Keeping()

    def turn(self) -> None:
        """One turn: sample, report, write, send, obey."""
        self._sampler.turn()
        self._report()
        self._keep_charges()
        self.deliver()

    def deliver(self) -> None:
        """Write and send what is due and obey, without measuring anything more."""
        self._outbox.tick()
        for leaf, payload in self._uplink.turn():
            self._orders.hear(leaf, payload)
        for answer in self._orders.answers():
            self._uplink.answer(*answer)

    def stop(self) -> None:
        """Stop in order: let the hardware go, say goodbye, write everything."""
        interrupted = self._sampler.charges().items()  # the contactors open now
        counters = self._sampler.counters().model_dump(mode="json")
        self._sampler.close()  # before all that a slow network or a dying card could hold up
        self._uplink.stop()
        self._outbox.notes.keep_charges(
            {name: replace(one, is_under_way=False) for name, one in interrupted}
        )
        self._outbox.close(counters)

    def abandon(self) -> None:
        """Stop as a power cut does: no goodbye, nothing written. For tests and the simulator."""
        self._uplink.link.drop()
        self._outbox.abandon()

    def unplug(self) -> None:
        """Cut the network, until `plug`. For tests and the simulator."""
        self._uplink.link.unplug()

    def plug(self) -> None:
        """Give the network back."""
        self._uplink.link.plug()

    def apply(self, desired: Desired) -> None:
        """Take a configuration from the server; ValueError where the sampler refuses it."""
        refusal = self._sampler.apply(desired)
        if refusal:
            raise ValueError(refusal)
        wanted = {"report_s": desired.report_s, "debounce_s": desired.debounce_s}
        given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        self.intervals = replace(self.intervals, **given)

    def execute(self, command: Command) -> tuple[Outcome, str | None]:
        """Do what a command says."""
        if command.command == "zero-people":
            self._sampler.zero_people()
            return "done", None
        if command.command == "open-contactor":
            refusal = self._sampler.open_contactor(command.point)
            return ("failed", refusal) if refusal else ("done", None)
        if command.command == "close-contactor":
            refusal = self._sampler.close_contactor(command.point)
            if refusal:
                return "unsafe" if self._has_point(command.point) else "failed", refusal
            return "done", None
        refusal = self._sampler.identify()
        return ("failed", refusal) if refusal else ("done", None)

    def _report(self) -> None:
        measurement = self._sampler.measure()
        now = self._clock.monotonic()
        due = report_due(self._last, measurement, now, self.intervals)
        if due is None:
            return
        self._last = Reported(measurement, now)
        report = self._outbox.add(self._completed(measurement), urgent=due.is_urgent)
        self._sampler.reported()
        if self._on_report is not None:
            self._on_report(report)

    def _keep_charges(self) -> None:
        notes = self._outbox.notes
        late = notes.late_charges()
        if late is not None:
            self._sampler.recall(late)
        if notes.is_keeping_charges:
            return
        charges, now = self._sampler.charges(), self._clock.monotonic()
        if charges and self._keeping.is_due(charges, now, notes.hold_charges):
            notes.keep_charges(charges, partial(self._keeping.tried, charges, now))

    def _completed(self, measurement: Measurement) -> Measurement:
        """With what only the agent knows: its queue, its drops, its own faults."""
        own = (*self._uplink.faults(), *self._outbox.faults())
        faults = (*own, *(measurement.faults or ()))[:MAX_FAULTS]
        state = (measurement.agent or AgentState()).model_copy(
            update={
                "queued": self._outbox.queued,
                "dropped": self._outbox.dropped,
                "simulated": True if self._is_simulated else None,
            }
        )
        return replace(measurement, faults=faults or None, agent=state)

    def _has_point(self, point: str | None) -> bool:
        chargers = self._sampler.measure().chargers or ()
        return any(charger.kind == "ebike" and point in {None, charger.id} for charger in chargers)
