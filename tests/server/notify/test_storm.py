from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta

from tests.support.clocks import FakeClock
from tests.support.notices import channel, drain, notice, route, settle
from tests.support.vendors import Handler, answers, vendor
from warmstation_server.notify.drain import Drain
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.senders.wecom import WeComBot
from warmstation_server.registry.notifications import Notifications

ALERTS = 500
CRITICAL = range(0, ALERTS, 50)


class WeCom:
    """A group bot as documented: 20 messages in any minute, 2,048 bytes each, or a code."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._times: deque[datetime] = deque()
        self.taken: list[tuple[datetime, str]] = []
        self.refused = 0

    def __call__(self, handler: Handler) -> None:
        now, text = self._clock.now(), handler.vendor.asked[-1].json()["markdown"]["content"]
        while self._times and now - self._times[0] >= timedelta(minutes=1):
            self._times.popleft()
        if len(self._times) >= 20:
            self.refused += 1
            answers({"errcode": 45009, "errmsg": "api freq out of limit"})(handler)
        elif len(text.encode()) > 2_048:
            self.refused += 1
            answers({"errcode": 40058, "errmsg": "markdown.content exceed max length"})(handler)
        else:
            self._times.append(now)
            self.taken.append((now, text))
            answers({"errcode": 0, "errmsg": "ok"})(handler)


def storm(outbox: Notifications, clock: FakeClock, bot: WeCom, minutes: int) -> None:
    with vendor(bot) as server:
        sender = WeComBot(server.url, Http(Guard(None)))
        drained = drain(outbox, clock, [channel("chat", sender)], [route("chat")])
        turned(drained, clock, minutes)


def turned(drained: Drain, clock: FakeClock, minutes: int) -> None:
    for _ in range(minutes * 6):
        settle(drained)
        clock.advance(seconds=10)


def test_500_alerts_at_once_stay_within_the_limit_and_all_are_listed(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = WeCom(clock)
    outbox.add(
        notice(number, severity="critical" if number in CRITICAL else "warning")
        for number in range(ALERTS)
    )
    began = clock.now()
    storm(outbox, clock, bot, minutes=4)
    assert bot.refused == 0
    assert outbox.tally() == {"delivered": ALERTS}
    everything = "\n".join(text for _, text in bot.taken)
    for number in range(ALERTS):
        assert f"驿站{number}号" in everything, number
    per_minute = Counter(int((at - began) / timedelta(minutes=1)) for at, _ in bot.taken)
    assert max(per_minute.values()) <= 20
    # The critical ones come first, each in a message of its own, within the first turn.
    first = bot.taken[: len(CRITICAL)]
    assert all("危急" in text and "建议" in text for _, text in first)
    assert {at for at, _ in first} == {began}
    assert bot.taken[-1][0] - began < timedelta(minutes=3)


def test_a_critical_alert_amid_a_storm_goes_at_once(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = WeCom(clock)
    outbox.add(notice(number) for number in range(2_000))
    with vendor(bot) as server:
        sender = WeComBot(server.url, Http(Guard(None)))
        drained = drain(outbox, clock, [channel("chat", sender)])
        settle(drained)
        told = len(bot.taken)
        assert told == 16  # four of the twenty are kept
        outbox.add([notice(9_999, severity="critical")])
        settle(drained)
    assert len(bot.taken) == told + 1
    assert "9999号" in bot.taken[-1][1]


def test_more_critical_alerts_than_messages_are_told_in_digests_at_once(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = WeCom(clock)
    outbox.add(notice(number, severity="critical") for number in range(200))
    storm(outbox, clock, bot, minutes=1)
    assert bot.refused == 0
    everything = "\n".join(text for _, text in bot.taken)
    assert all(f"驿站{number}号" in everything for number in range(200))
    assert len(bot.taken) <= 20
