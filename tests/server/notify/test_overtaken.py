"""Nobody hears after an end, or after a graver word, what was before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from random import Random

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import Bot, channel, drain, notice, route, settle
from warmstation_server.notify.drain import LEASE
from warmstation_server.notify.outcome import Outcome, delivered, limited, retry
from warmstation_server.notify.rota import QuietHours
from warmstation_server.registry.notifications import Notifications

LATER = retry("500", "try later")
UNHEARD = retry("timeout", "no answer", may_have_arrived=True)


@pytest.mark.parametrize("answer", [LATER, UNHEARD], ids=["refused", "no answer"])
def test_a_trouble_that_could_not_be_told_is_not_told_after_its_end(
    answer: Outcome, outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(answer, answer, answer)
    server = drain(outbox, clock, [channel("chat", bot)])
    outbox.add([notice(1)])
    for _ in range(20):
        settle(server)
        clock.advance(seconds=1)
    told = len(bot.sent)
    outbox.add([notice(2, alert_id="a1", kind="resolved", at=clock.now())])
    for _ in range(180):
        settle(server)
        clock.advance(seconds=5)
    assert [[one.kind for one in message.said] for message in bot.sent[told:]] == [["resolved"]]
    assert outbox.tally() == {"delivered": 2}


def test_what_waits_for_the_morning_goes_with_what_grew_grave_at_night(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot()
    quiet = QuietHours(time(11), time(15))  # it is noon
    server = drain(outbox, clock, [channel("chat", bot)], [route("chat", quiet=quiet)])
    outbox.add([notice(1), notice(3)])
    settle(server)
    assert bot.sent == []
    outbox.add([notice(2, alert_id="a1", kind="severity_up", severity="critical")])
    settle(server)
    clock.advance(seconds=5 * 3600)
    settle(server)
    assert bot.keys == ["n2", "n1", "n3"]
    assert [[one.kind for one in message.said] for message in bot.sent] == [
        ["severity_up"],
        ["firing"],
    ]


class Died(BaseException):
    """A server ends here."""


def mortal(chance: Random) -> Callable[[str], None]:
    def passed(_point: str) -> None:
        if chance.random() < 0.05:
            raise Died

    return passed


KINDS = ("firing", "severity_up", "escalated", "reminder", "resolved")


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_vendor_answers_and_whenever_servers_die_words_keep_their_order(
    seed: int, outbox: Notifications, clock: FakeClock
) -> None:
    chance = Random(seed)
    limit = limited("45009", "too many", timedelta(seconds=60))
    answers = [delivered("0"), LATER, LATER, UNHEARD, limit]
    bot = Bot(*(chance.choice(answers) for _ in range(80)))
    channels = [channel("chat", bot)]
    begins = {f"a{alert}": chance.randint(0, 30) for alert in range(8)}
    server, told = None, 0
    for tick in range(90):
        for alert, begun in begins.items():
            step, rest = divmod(tick - begun, 3)
            if rest == 0 and 0 <= step < len(KINDS):
                severity = "critical" if step and alert < "a3" else "warning"
                said = {"alert_id": alert, "kind": KINDS[step], "severity": severity}
                outbox.add([notice(told, at=clock.now(), **said)])
                told += 1
        try:
            passed, owner = mortal(chance), f"server {tick}"
            server = server or drain(outbox, clock, channels, None, passed, owner)
            settle(server)
        except Died:
            server = None
        clock.advance(seconds=20)
    for _ in range(150):
        clock.advance(seconds=LEASE.total_seconds())
        settle(drain(outbox, clock, channels))
    assert told == len(KINDS) * len(begins)
    assert outbox.tally() == {"delivered": told}
    newest: dict[str, int] = {}
    for message in bot.sent:
        for one in message.said:
            step = KINDS.index(one.kind)
            is_in_order = step >= newest.get(one.alert_id, 0)
            assert is_in_order or message.may_repeat, message.text
            newest[one.alert_id] = max(step, newest.get(one.alert_id, 0))
    assert len(outbox.attempts(limit=10_000)) >= len(bot.sent), "each has its line in the ledger"
