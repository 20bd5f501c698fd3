"""What a station does with what the server asks, whatever that is."""

from __future__ import annotations

from collections.abc import Callable
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
        self.waiting: list[Callable[[], None]] = []
        self.card_hangs = False
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

    def keep_result(
        self, command: str, result: bytes, then: Callable[[], None] | None = None
    ) -> None:
        self.kept[command] = result
        if then is not None:
            self.waiting.append(then)
        if not self.card_hangs:
            self.card()

    def card(self) -> None:
        """The card has it."""
        waiting, self.waiting = self.waiting, []
        for then in waiting:
            then()

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


def answer(orders: Orders, leaf: Leaf, payload: bytes) -> tuple[Leaf, bytes] | None:
    """What is answered at once."""
    orders.hear(leaf, payload)
    answers = orders.answers()
    assert len(answers) <= 1
    return answers[0] if answers else None


def result(answer: tuple[Leaf, bytes] | None) -> Result:
    assert answer is not None
    assert answer[0] is Leaf.RESULT
    return decode(Result, answer[1])


def applied(answer: tuple[Leaf, bytes] | None) -> Applied:
    assert answer is not None
    assert answer[0] is Leaf.APPLIED
    return decode(Applied, answer[1])


def test_a_configuration_is_applied_and_answered(site: Site) -> None:
    given = answer(site.start(), Leaf.DESIRED, Desired(revision=4, report_s=30.0).to_json())
    assert applied(given) == Applied(revision=4, ok=True)
    assert site.applied == [4]


def test_a_configuration_that_cannot_be_is_refused_with_its_reason(site: Site) -> None:
    site.failure = ValueError("this station has no such sensor" + "!" * 300)
    given = applied(answer(site.start(), Leaf.DESIRED, Desired(revision=4).to_json()))
    assert (given.revision, given.ok) == (4, False)
    assert given.reason is not None
    assert given.reason.startswith("this station has no such sensor")


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"[]", b'{"v":1,"revision":-1}', b"[" * 5000])
def test_a_configuration_that_cannot_be_read_is_refused_with_its_reason(
    site: Site, payload: bytes
) -> None:
    given = applied(answer(site.start(), Leaf.DESIRED, payload))
    assert not given.ok
    assert given.reason
    assert site.applied == []


def test_a_cleared_configuration_asks_for_nothing(site: Site) -> None:
    assert answer(site.start(), Leaf.DESIRED, b"") is None


def test_a_command_is_done_and_answered(site: Site) -> None:
    site.outcome = ("unsafe", "it is 71 °C in there")
    given = result(answer(site.start(), Leaf.COMMAND, site.command()))
    assert (given.id, given.outcome, given.detail) == ("c-1", "unsafe", "it is 71 °C in there")
    assert site.done == ["c-1"]


def test_a_command_is_done_once_and_answered_as_often_as_it_comes(site: Site) -> None:
    orders, payload = site.start(), site.command()
    first = result(answer(orders, Leaf.COMMAND, payload))
    site.clock.advance(minutes=10)
    assert result(answer(orders, Leaf.COMMAND, payload)) == first
    assert result(answer(site.start(), Leaf.COMMAND, payload)) == first
    assert site.done == ["c-1"]


def test_a_command_that_a_power_cut_interrupted_is_not_done_again(site: Site) -> None:
    site.failure = KeyboardInterrupt()  # type: ignore[assignment]  # as sudden as a cut
    with pytest.raises(KeyboardInterrupt):
        answer(site.start(), Leaf.COMMAND, site.command())
    site.failure = None
    given = result(answer(site.start(), Leaf.COMMAND, site.command()))
    assert (given.outcome, site.done) == ("failed", ["c-1"])


def test_a_late_command_is_refused(site: Site) -> None:
    payload = site.command(within_s=5)
    site.clock.advance(seconds=5.1)
    assert result(answer(site.start(), Leaf.COMMAND, payload)).outcome == "late"
    assert site.done == []


def test_without_a_clock_only_the_safe_side_is_taken(site: Site) -> None:
    site.clock.synced = False
    orders = site.start()
    closing = result(answer(orders, Leaf.COMMAND, site.command("close-contactor", "c-1")))
    opening = result(answer(orders, Leaf.COMMAND, site.command("open-contactor", "c-2")))
    assert (closing.outcome, opening.outcome) == ("failed", "done")
    assert site.done == ["c-2"]


def test_a_command_that_breaks_is_answered_and_does_no_more_harm(site: Site) -> None:
    site.failure = RuntimeError("the relay board is gone")
    given = result(answer(site.start(), Leaf.COMMAND, site.command()))
    assert given.outcome == "failed"
    assert given.detail == "RuntimeError: the relay board is gone"


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff", b'{"v":1,"id":"x","command":"explode"}', b"[" * 5000]
)
def test_what_is_no_command_is_left_alone(site: Site, payload: bytes) -> None:
    assert answer(site.start(), Leaf.COMMAND, payload) is None
    assert site.done == []


@pytest.mark.parametrize("leaf", [Leaf.STATUS, Leaf.ALERT, Leaf.REPORT])
def test_what_is_no_order_is_left_alone(site: Site, leaf: Leaf) -> None:
    assert answer(site.start(), leaf, site.command()) is None


def test_a_command_that_was_refused_is_not_done_when_it_comes_again(site: Site) -> None:
    """Somebody has been told that it failed; a broker may deliver it twice."""
    site.clock.synced = False
    orders, payload = site.start(), site.command("close-contactor")
    refused = result(answer(orders, Leaf.COMMAND, payload))
    assert refused.outcome == "failed"
    site.clock.synced = True
    assert result(answer(orders, Leaf.COMMAND, payload)) == refused
    assert site.done == []


def test_what_must_be_done_once_waits_for_a_card_that_hangs_and_is_then_done(site: Site) -> None:
    orders, payload = site.start(), site.command("close-contactor")
    site.card_hangs = True
    for _ in range(3):
        assert answer(orders, Leaf.COMMAND, payload) is None, "it has begun, and is not done yet"
    assert site.done == []
    site.card()
    assert [decode(Result, one).outcome for _, one in orders.answers()] == ["done"]
    assert site.done == ["c-1"]
    assert decode(Result, site.kept["c-1"]).outcome == "done"


def test_what_waited_too_long_for_the_card_is_late_and_never_done(site: Site) -> None:
    orders, payload = site.start(), site.command("close-contactor", within_s=20)
    site.card_hangs = True
    assert answer(orders, Leaf.COMMAND, payload) is None
    site.clock.advance(seconds=21)
    site.card()
    assert [decode(Result, one).outcome for _, one in orders.answers()] == ["late"]
    assert result(answer(orders, Leaf.COMMAND, payload)).outcome == "late"
    assert site.done == []


def test_a_contactor_is_opened_though_the_card_hangs(site: Site) -> None:
    orders = site.start()
    site.card_hangs = True
    assert result(answer(orders, Leaf.COMMAND, site.command("open-contactor"))).outcome == "done"
    assert site.done == ["c-1"]


def test_a_card_that_hangs_for_long_bounds_what_waits_for_it(site: Site) -> None:
    orders = site.start()
    site.card_hangs = True
    given = [
        answer(orders, Leaf.COMMAND, site.command(number=f"c-{number}")) for number in range(100)
    ]
    refused = [result(one) for one in given if one is not None]
    assert len(refused) == 100 - 64
    assert {one.outcome for one in refused} == {"failed"}
