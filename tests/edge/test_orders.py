"""What a station does with what the server asks, whatever that is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.clocks import FakeClock
from warmstation_edge.uplink import Orders
from warmstation_wire import Applied, Command, Desired, Leaf, Result, decode
from warmstation_wire.command import CommandName, Outcome


class Site:
    """Implements Controls and CommandLog; remembers what was done to it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.applied: list[int] = []
        self.done: list[str] = []
        self.kept: dict[str, bytes] = {}
        self.failure: Exception | None = None
        self.outcome: tuple[Outcome, str | None] = ("done", None)

    def apply(self, desired: Desired) -> None:
        if self.failure:
            raise self.failure
        self.applied.append(desired.revision)

    def execute(self, command: Command) -> tuple[Outcome, str | None]:
        self.done.append(command.id)
        if self.failure:
            raise self.failure
        return self.outcome

    def result(self, command: str) -> bytes | None:
        return self.kept.get(command)

    def keep_result(self, command: str, result: bytes) -> None:
        self.kept[command] = result

    def start(self) -> Orders:
        return Orders(self, self, self.clock)

    def command(
        self, name: CommandName = "zero-people", number: str = "c-1", within_s: float = 60
    ) -> bytes:
        deadline = self.clock.now() + timedelta(seconds=within_s)
        return Command(id=number, command=name, deadline=deadline).to_json()


@pytest.fixture
def site() -> Site:
    return Site()


def result(answer: tuple[Leaf, bytes] | None) -> Result:
    assert answer is not None
    assert answer[0] is Leaf.RESULT
    return decode(Result, answer[1])


def applied(answer: tuple[Leaf, bytes] | None) -> Applied:
    assert answer is not None
    assert answer[0] is Leaf.APPLIED
    return decode(Applied, answer[1])


def test_a_configuration_is_applied_and_answered(site: Site) -> None:
    answer = site.start().answer(Leaf.DESIRED, Desired(revision=4, report_s=30.0).to_json())
    assert applied(answer) == Applied(revision=4, ok=True)
    assert site.applied == [4]


def test_a_configuration_that_cannot_be_is_refused_with_its_reason(site: Site) -> None:
    site.failure = ValueError("this station has no such sensor" + "!" * 300)
    answer = applied(site.start().answer(Leaf.DESIRED, Desired(revision=4).to_json()))
    assert (answer.revision, answer.ok) == (4, False)
    assert answer.reason is not None
    assert answer.reason.startswith("this station has no such sensor")


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"[]", b'{"v":1,"revision":-1}', b"[" * 5000])
def test_a_configuration_that_cannot_be_read_is_refused_with_its_reason(
    site: Site, payload: bytes
) -> None:
    answer = applied(site.start().answer(Leaf.DESIRED, payload))
    assert not answer.ok
    assert answer.reason
    assert site.applied == []


def test_a_cleared_configuration_asks_for_nothing(site: Site) -> None:
    assert site.start().answer(Leaf.DESIRED, b"") is None


def test_a_command_is_done_and_answered(site: Site) -> None:
    site.outcome = ("unsafe", "it is 71 °C in there")
    answer = result(site.start().answer(Leaf.COMMAND, site.command()))
    assert (answer.id, answer.outcome, answer.detail) == ("c-1", "unsafe", "it is 71 °C in there")
    assert site.done == ["c-1"]


def test_a_command_is_done_once_and_answered_as_often_as_it_comes(site: Site) -> None:
    orders, payload = site.start(), site.command()
    first = result(orders.answer(Leaf.COMMAND, payload))
    site.clock.advance(minutes=10)
    assert result(orders.answer(Leaf.COMMAND, payload)) == first
    assert result(site.start().answer(Leaf.COMMAND, payload)) == first
    assert site.done == ["c-1"]


def test_a_command_that_a_power_cut_interrupted_is_not_done_again(site: Site) -> None:
    site.failure = KeyboardInterrupt()  # type: ignore[assignment]  # as sudden as a cut
    with pytest.raises(KeyboardInterrupt):
        site.start().answer(Leaf.COMMAND, site.command())
    site.failure = None
    answer = result(site.start().answer(Leaf.COMMAND, site.command()))
    assert (answer.outcome, site.done) == ("failed", ["c-1"])


def test_a_late_command_is_refused(site: Site) -> None:
    payload = site.command(within_s=5)
    site.clock.advance(seconds=5.1)
    assert result(site.start().answer(Leaf.COMMAND, payload)).outcome == "late"
    assert site.done == []


def test_without_a_clock_only_the_safe_side_is_taken(site: Site) -> None:
    site.clock.synced = False
    orders = site.start()
    closing = result(orders.answer(Leaf.COMMAND, site.command("close-contactor", "c-1")))
    opening = result(orders.answer(Leaf.COMMAND, site.command("open-contactor", "c-2")))
    assert (closing.outcome, opening.outcome) == ("failed", "done")
    assert site.done == ["c-2"]


def test_a_command_that_breaks_is_answered_and_does_no_more_harm(site: Site) -> None:
    site.failure = RuntimeError("the relay board is gone")
    answer = result(site.start().answer(Leaf.COMMAND, site.command()))
    assert answer.outcome == "failed"
    assert answer.detail == "RuntimeError: the relay board is gone"


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff", b'{"v":1,"id":"x","command":"explode"}', b"[" * 5000]
)
def test_what_is_no_command_is_left_alone(site: Site, payload: bytes) -> None:
    assert site.start().answer(Leaf.COMMAND, payload) is None
    assert site.done == []


@pytest.mark.parametrize("leaf", [Leaf.STATUS, Leaf.ALERT, Leaf.REPORT])
def test_what_is_no_order_is_left_alone(site: Site, leaf: Leaf) -> None:
    assert site.start().answer(leaf, site.command()) is None


def test_a_command_that_was_refused_is_not_done_when_it_comes_again(site: Site) -> None:
    """Somebody has been told that it failed; a broker may deliver it twice."""
    site.clock.synced = False
    orders, payload = site.start(), site.command("close-contactor")
    refused = result(orders.answer(Leaf.COMMAND, payload))
    assert refused.outcome == "failed"
    site.clock.synced = True
    assert result(orders.answer(Leaf.COMMAND, payload)) == refused
    assert site.done == []
