"""Drains the outbox: routes notices, claims, sends, writes down. One thread turns it.

At least once: a message is claimed and its attempt written down before it is sent, and what became
of it after. Who dies between leaves a lease that runs out; the same message then goes again with
the same key, marked as one that may repeat. Sending itself happens on an executor, one message a
channel at a time, so a slow vendor delays nobody else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from warmstation_server.clock import Clock
from warmstation_server.notify import letters, verdict
from warmstation_server.notify.channel import Channel, gone
from warmstation_server.notify.delivery import (
    Address,
    Batch,
    Claimed,
    Delivery,
    Detour,
    Finished,
    Pace,
    Verdict,
)
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome, retry
from warmstation_server.notify.routes import Router
from warmstation_server.notify.template import Templates

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any sender takes."""
REST_S = 0.25
AGAIN_S = 5.0
"""After the registry was away."""

Hook = Callable[[str], None]
Decide = Callable[[Notice, Sequence[Address]], Sequence[Address] | None]
"""Where a notice goes, of which those were told before; None where nobody is there to be told."""


class Outbox(Protocol):
    """The registry's side. ConnectionError where it cannot be reached now."""

    def add(self, notices: Sequence[Notice]) -> int: ...  # noqa: D102 - see Notifications

    def has_unrouted(self) -> bool: ...  # noqa: D102

    def route(  # noqa: D102
        self, decide: Decide, now: datetime
    ) -> tuple[Notice, ...]: ...

    def due_channels(self, now: datetime) -> tuple[str, ...]: ...  # noqa: D102

    def claim(  # noqa: D102
        self,
        channel: str,
        owner: str,
        now: datetime,
        lease: timedelta,
        choose: Callable[[Sequence[Delivery], Pace], Batch | None],
        detour: Detour | None = None,
    ) -> Claimed | None: ...

    def finish(self, claimed: Claimed, finished: Finished) -> bool: ...  # noqa: D102


class Executor(Protocol):
    """Runs a sender somewhere."""

    def submit(self, work: Callable[[], Answered]) -> Future[Answered]:
        """Begin; the future has the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What a sender said and how long it took."""

    outcome: Outcome
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Means:
    """Everything that a drain works with."""

    outbox: Outbox
    channels: Mapping[str, Channel]
    router: Callable[[], Router]
    templates: Templates
    executor: Executor
    clock: Clock
    rng: Random
    owner: str
    count: Callable[[str, int], None] = lambda _outcome, _notices: None
    passed: Hook = lambda _point: None
    """Told at every point where a crash would leave something half done; for tests."""


class Drain:
    """`turn` until it returns False, or `run` in a thread."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._sending: dict[str, tuple[Claimed, Future[Answered]]] = {}
        self._woken = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, then write down what is answered already."""
        while not stop.is_set():
            try:
                if not self.turn():
                    self._woken.wait(REST_S)
                    self._woken.clear()
            except ConnectionError as error:
                log.warning("the registry is away, notices wait: %s", error)
                stop.wait(AGAIN_S)
        with suppress(ConnectionError):  # what is not written down goes again, and says so
            self._collect(self._means.clock.now())

    def wake(self) -> None:
        """Look at once: a notice was committed. From any thread."""
        self._woken.set()

    def turn(self) -> bool:
        """Everything that can be done now; whether anything was."""
        now = self._means.clock.now()
        did = self._collect(now)
        did = self._route(now) or did
        for channel in self._means.outbox.due_channels(now):
            if channel not in self._sending:
                did = self._begin(channel, now) or did
        return did

    def _route(self, now: datetime) -> bool:
        means = self._means
        if not means.outbox.has_unrouted():
            return False
        router = means.router()
        nobody = means.outbox.route(_patient(router, now), now)
        means.passed("routed")
        if nobody:
            means.count("dead", len(nobody))
            means.outbox.add(letters.unheard(nobody, now))
        return True

    def _begin(self, name: str, now: datetime) -> bool:
        means = self._means
        channel = means.channels.get(name) or gone(name)
        means.passed("before claim")
        claimed = means.outbox.claim(
            name,
            means.owner,
            now,
            LEASE,
            lambda due, pace: channel.next_batch(due, pace, means.templates),
            Detour(channel.fallback, verdict.PATIENCE_CRITICAL) if channel.fallback else None,
        )
        if claimed is None:
            return False
        means.passed("claimed")
        message = channel.message(claimed.batch, means.templates)
        work = _timed(lambda: channel.sender.send(message))
        future = means.executor.submit(work)
        self._sending[name] = (claimed, future)
        future.add_done_callback(lambda _: self.wake())
        return True

    def _collect(self, now: datetime) -> bool:
        ready = [name for name, (_, future) in self._sending.items() if future.done()]
        for name in ready:
            claimed, future = self._sending[name]
            self._means.passed("sent")
            self._write_down(name, claimed, _answer(future), now)
            del self._sending[name]
            self._means.passed("written down")
        return bool(ready)

    def _write_down(self, name: str, claimed: Claimed, answered: Answered, now: datetime) -> None:
        means, outcome = self._means, answered.outcome
        fallback = channel.fallback if (channel := means.channels.get(name)) else None
        verdicts = {
            one.id: verdict.after(outcome, one, fallback, now, means.rng)
            for one in claimed.batch.deliveries
        }
        verdicts = _together(
            verdicts, may_repeat=outcome.may_have_arrived or claimed.batch.may_repeat
        )
        dead = [one for one in claimed.batch.deliveries if verdicts[one.id].state == "dead"]
        finished = Finished(
            outcome=outcome.kind,
            vendor_code=outcome.code,
            detail=outcome.detail,
            latency_ms=answered.latency_ms,
            held_until=now + outcome.after if outcome.is_limit and outcome.after else None,
            verdicts=verdicts,
            notices=letters.dead(name, outcome, dead, now),
        )
        if not means.outbox.finish(claimed, finished):
            log.warning("channel %s: a lease ran out before its message was answered", name)
        self._tell(name, outcome, verdicts, len(dead))

    def _tell(
        self, name: str, outcome: Outcome, verdicts: Mapping[int, Verdict], dead: int
    ) -> None:
        for state in ("delivered", "waiting", "moved", "dead"):
            self._means.count(state, sum(one.state == state for one in verdicts.values()))
        if outcome.kind != "delivered":
            log.warning("channel %s: %s %s %s", name, outcome.kind, outcome.code, outcome.detail)
        if dead:
            log.error("channel %s: %d notices were given up", name, dead)


def _together(verdicts: Mapping[int, Verdict], *, may_repeat: bool) -> dict[int, Verdict]:
    """A message that may have arrived goes again whole: all of its deliveries at one moment."""
    waiting = [one.due_at for one in verdicts.values() if one.due_at is not None]
    if not may_repeat or not waiting:
        return dict(verdicts)
    due_at = max(waiting)
    return {
        id_: replace(one, due_at=due_at) if one.state == "waiting" else one
        for id_, one in verdicts.items()
    }


def _patient(router: Router, now: datetime) -> Decide:
    """A notice of another version, with a tier or severity that this one does not know, is told to
    the operator: it holds up no other."""

    def decide(notice: Notice, told: Sequence[Address]) -> Sequence[Address] | None:
        try:
            return router.addresses(notice, now, told)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            log.exception("notice %s cannot be routed", notice.key)
            return None

    return decide


def _timed(send: Callable[[], Outcome]) -> Callable[[], Answered]:
    def work() -> Answered:
        began = time.monotonic()
        outcome = send()
        return Answered(outcome, round(1000 * (time.monotonic() - began)))

    return work


def _answer(future: Future[Answered]) -> Answered:
    """A sender that fails in its own code is a fault of ours: said, and the notice goes on."""
    error = future.exception()
    if error is None:
        return future.result()
    log.error("a sender failed", exc_info=error)
    return Answered(retry("failed", type(error).__name__, may_have_arrived=True), 0)
