from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import Bot, channel, drain, notice, route, settle
from warmstation_server.notify.drain import LEASE, Drain
from warmstation_server.notify.outcome import limited, permanent, retry
from warmstation_server.notify.rota import QuietHours
from warmstation_server.registry.notifications import Notifications

POINTS = ("before claim", "routed", "claimed", "sent", "written down")


class Killed(BaseException):
    """The process ends here."""


def die_at(point: str) -> Callable[[str], None]:
    def passed(here: str) -> None:
        if here == point:
            raise Killed

    return passed


def killed_at(point: str, outbox: Notifications, clock: FakeClock, bot: Bot) -> None:
    """A server that dies at its first passage of this point."""
    server = drain(outbox, clock, [channel("chat", bot)], passed=die_at(point), owner="dead")
    with pytest.raises(Killed):
        settle(server)


def chat(outbox: Notifications, clock: FakeClock, bot: Bot) -> Drain:
    return drain(outbox, clock, [channel("chat", bot)])


def test_a_notice_is_told_once_and_written_down(outbox: Notifications, clock: FakeClock) -> None:
    bot = Bot()
    outbox.add([notice(1)])
    outbox.add([notice(1)])
    settle(chat(outbox, clock, bot))
    assert bot.keys == ["n1"]
    [line] = outbox.attempts("a1")
    assert (line.outcome, line.vendor_code, line.channel) == ("delivered", "0", "chat")
    assert (line.recipient, line.notices, line.may_repeat) == ("淞南", 1, False)
    assert line.latency_ms is not None
    assert outbox.attempts("a2") == ()
    assert outbox.tally() == {"delivered": 1}


@pytest.mark.parametrize("point", POINTS)
def test_a_server_killed_anywhere_loses_nothing(
    point: str, outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot()
    outbox.add([notice(1)])
    killed_at(point, outbox, clock, bot)
    before = len(bot.sent)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    settle(chat(outbox, clock, bot))
    assert set(bot.keys) == {"n1"}
    assert len(bot.sent) <= 2
    assert outbox.tally() == {"delivered": 1}
    for again in bot.sent[before:]:
        # Only what was claimed may have arrived; it says so, under the same key.
        assert again.may_repeat == (point in ("claimed", "sent"))
        assert ("可能重复" in again.text) == again.may_repeat
    assert len({message.key for message in bot.sent}) == 1


def test_a_digest_left_behind_goes_again_whole_and_flagged(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot()
    outbox.add(notice(number) for number in range(1, 8))
    killed_at("sent", outbox, clock, bot)
    outbox.add([notice(9)])
    clock.advance(seconds=LEASE.total_seconds() + 1)
    settle(chat(outbox, clock, bot))
    first, again, other = bot.sent
    assert first.key == again.key
    assert [one.key for one in first.notices] == [one.key for one in again.notices]
    assert (first.may_repeat, again.may_repeat, other.may_repeat) == (False, True, False)
    assert [one.key for one in other.notices] == ["n9"]


def test_a_lease_is_respected_by_another_server(outbox: Notifications, clock: FakeClock) -> None:
    bot, other = Bot(), Bot()
    outbox.add([notice(1)])
    killed_at("claimed", outbox, clock, bot)
    clock.advance(seconds=LEASE.total_seconds() - 1)
    settle(drain(outbox, clock, [channel("chat", other)], owner="two"))
    assert other.sent == []


def test_who_lost_the_lease_changes_nothing(outbox: Notifications, clock: FakeClock) -> None:
    late, quick = Bot(), Bot()
    outbox.add([notice(1)])
    slow = chat(outbox, clock, late)
    slow.turn()  # routed, claimed and sent, not yet written down
    clock.advance(seconds=LEASE.total_seconds() + 1)
    settle(drain(outbox, clock, [channel("chat", quick)], owner="two"))
    settle(slow)
    assert outbox.tally() == {"delivered": 1}
    assert [message.may_repeat for message in late.sent + quick.sent] == [False, True]
    assert [line.outcome for line in outbox.attempts()] == ["delivered", "delivered"]


def test_two_servers_share_the_work_and_never_both_send(
    outbox: Notifications, clock: FakeClock
) -> None:
    bots = Bot(), Bot()
    servers = [
        drain(outbox, clock, [channel("chat", bot)], owner=f"{number}")
        for number, bot in enumerate(bots)
    ]
    outbox.add(notice(number, severity="critical") for number in range(12))
    while any([server.turn() for server in servers]):  # noqa: C419 - both take their turn
        pass
    assert sorted(bots[0].keys + bots[1].keys) == sorted(f"n{number}" for number in range(12))
    assert all(bot.sent for bot in bots)


def test_what_may_go_through_later_is_tried_again(outbox: Notifications, clock: FakeClock) -> None:
    bot = Bot(retry("-1", "busy"), retry("-1", "busy"))
    outbox.add([notice(1)])
    server = chat(outbox, clock, bot)
    settle(server)
    assert len(bot.sent) == 1
    clock.advance(seconds=6)
    settle(server)
    assert len(bot.sent) == 2
    clock.advance(seconds=11)
    settle(server)
    assert [message.may_repeat for message in bot.sent] == [False, False, False]
    assert [line.vendor_code for line in outbox.attempts()] == ["0", "-1", "-1"]


def test_an_answer_that_was_not_heard_makes_the_next_one_say_so(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(retry("unanswered", "it took too long", may_have_arrived=True))
    outbox.add([notice(1)])
    server = chat(outbox, clock, bot)
    settle(server)
    clock.advance(seconds=6)
    settle(server)
    assert [message.may_repeat for message in bot.sent] == [False, True]
    assert bot.sent[0].key == bot.sent[1].key


def test_a_bot_that_is_gone_hands_over_to_the_fallback(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot, mail = Bot(permanent("93000", "invalid webhook url")), Bot()
    channels = [channel("chat", bot, fallback="mail"), channel("mail", mail, flavour="plain")]
    outbox.add([notice(1)])
    settle(drain(outbox, clock, channels))
    assert mail.keys == ["n1"]
    assert outbox.tally() == {"moved": 1, "delivered": 1}
    assert [line.channel for line in outbox.attempts("a1")] == ["mail", "chat"]


def test_a_dead_letter_is_told_to_the_operator_once_an_hour(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot, ops = Bot(permanent("93000", "no such bot"), permanent("93000", "no such bot")), Bot()
    routes = [route("chat"), route("ops", tier="operator", recipient="ops", language="en")]
    server = drain(outbox, clock, [channel("chat", bot), channel("ops", ops)], routes)
    outbox.add([notice(1, severity="critical"), notice(2, severity="critical")])
    settle(server)
    [told] = ops.sent
    assert "Messages over channel chat were given up: 93000" in told.text
    assert {one.notice.key for one in outbox.dead()} == {"n1", "n2"}


def test_a_dead_letter_about_a_dead_letter_ends_there(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(*[permanent("93000")] * 9)
    routes = [route("chat"), route("chat", tier="operator")]
    outbox.add([notice(1)])
    settle(drain(outbox, clock, [channel("chat", bot)], routes))
    assert len(bot.sent) == 2
    assert outbox.tally() == {"dead": 2}


def test_a_notice_that_nobody_takes_is_dead_and_told(
    outbox: Notifications, clock: FakeClock
) -> None:
    ops = Bot()
    routes = [route("ops", tier="operator")]
    outbox.add([notice(1), notice(2)])
    settle(drain(outbox, clock, [channel("ops", ops)], routes))
    [told] = ops.sent
    assert "区域 songnan 没有社区一级或更高的接收人，有告警无人收到" in told.text
    assert outbox.tally() == {"dead": 2, "delivered": 1}


def test_a_channel_that_is_no_longer_configured_is_a_dead_letter(
    outbox: Notifications, clock: FakeClock
) -> None:
    outbox.add([notice(1)])
    old = drain(outbox, clock, [channel("old", Bot())], passed=die_at("before claim"))
    with pytest.raises(Killed):
        settle(old)
    ops = Bot()
    settle(drain(outbox, clock, [channel("ops", ops)], [route("ops", tier="operator")]))
    assert "old" in ops.sent[0].text


def test_a_blocked_bot_is_left_alone_until_it_listens_again(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(limited("130101", "send too fast", timedelta(minutes=10)))
    server = chat(outbox, clock, bot)
    outbox.add([notice(1)])
    settle(server)
    outbox.add([notice(2)])
    clock.advance(minutes=9)
    settle(server)
    assert len(bot.sent) == 1
    # A server that starts now knows it too: the ledger says so.
    other = Bot()
    settle(drain(outbox, clock, [channel("chat", other)], owner="new"))
    assert other.sent == []
    clock.advance(minutes=1.1)
    settle(server)
    assert sorted(bot.keys[1:]) == ["n1", "n2"]


def test_what_is_critical_does_not_wait_for_a_blocked_bot(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot, mail = Bot(limited("130101", "send too fast", timedelta(minutes=10))), Bot()
    channels = [channel("chat", bot, fallback="mail"), channel("mail", mail)]
    server = drain(outbox, clock, channels)
    outbox.add([notice(1)])
    settle(server)
    assert mail.sent == []
    outbox.add([notice(2, severity="critical")])
    settle(server)
    assert mail.keys == ["n2"]


def test_a_sender_that_fails_in_itself_stops_nothing(
    outbox: Notifications, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Bot):
        def send(self, message: object) -> object:  # type: ignore[override]
            raise RuntimeError("a fault of ours")

    good = Bot()
    channels = [channel("broken", Broken(), fallback="mail"), channel("mail", good)]
    server = drain(outbox, clock, channels)
    outbox.add([notice(1)])
    for _ in range(4):
        settle(server)
        clock.advance(minutes=2)
    settle(server)
    assert good.keys == ["n1"]
    assert good.sent[0].may_repeat
    assert "a sender failed" in caplog.text


def test_old_notices_are_forgotten_but_none_that_waits(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(*[retry("-1")] * 3)
    outbox.add([notice(1)])
    server = chat(outbox, clock, bot)
    settle(server)
    assert outbox.forget(clock.now() + timedelta(days=1)) == 0
    bot.answers.clear()
    clock.advance(minutes=1)
    settle(server)
    assert outbox.forget(clock.now() + timedelta(days=1)) == 1
    assert outbox.attempts() == ()
    assert outbox.tally() == {}


def test_an_end_goes_to_all_who_were_told_whoever_owns_it_by_now(
    outbox: Notifications, clock: FakeClock
) -> None:
    station, street, other = Bot(), Bot(), Bot()
    routes = [
        route("station", tier="station", recipient="王"),
        route("street", tier="street", recipient="千灯"),
        route("other", tier="street", recipient="千灯", min_severity="critical"),
    ]
    channels = [channel("station", station), channel("street", street), channel("other", other)]
    server = drain(outbox, clock, channels, routes)
    outbox.add([notice(1, tier="station")])
    settle(server)
    outbox.add([notice(1, key="up", tier="street", kind="escalated"), notice(2, tier="street")])
    settle(server)
    outbox.add([notice(1, key="on it", tier="street", kind="acknowledged")])
    settle(server)
    outbox.add([notice(1, key="end", tier="street", kind="resolved")])
    settle(server)
    assert station.keys == ["n1", "on it", "end"]
    assert street.keys == ["up", "n2", "on it", "end"]
    assert other.sent == []


def test_an_end_goes_to_nobody_who_is_in_no_route_any_more(
    outbox: Notifications, clock: FakeClock
) -> None:
    gone, left = Bot(), Bot()
    channels = [channel("gone", gone), channel("left", left)]
    both = [route("gone", recipient="王"), route("left", recipient="李")]
    outbox.add([notice(1)])
    settle(drain(outbox, clock, channels, both))
    outbox.add([notice(1, key="end", kind="resolved")])
    settle(drain(outbox, clock, channels, both[1:]))
    assert (gone.keys, left.keys) == (["n1"], ["n1", "end"])
    outbox.add([notice(2)])
    settle(drain(outbox, clock, channels, both[:1]))
    outbox.add([notice(2, key="end2", kind="resolved")])
    settle(drain(outbox, clock, channels, both[1:]))
    assert (gone.keys, left.keys) == (["n1", "n2"], ["n1", "end", "end2"])


def test_an_end_goes_where_the_fallback_channel_had_to_take_over(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot, mail = Bot(permanent("93000"), permanent("93000")), Bot()
    channels = [channel("chat", bot, fallback="mail"), channel("mail", mail, flavour="plain")]
    server = drain(outbox, clock, channels)
    outbox.add([notice(1)])
    settle(server)
    outbox.add([notice(1, key="end", kind="resolved")])
    settle(server)
    assert mail.keys == ["n1", "end"]


def test_what_waited_for_a_duty_over_the_weekend_has_its_day_too(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(retry("-1", "busy"))
    night = route("chat", quiet=QuietHours(time(0), time(23, 59)))
    outbox.add([notice(1, at=clock.now() - timedelta(hours=62))])
    server = drain(outbox, clock, [channel("chat", bot)], [night])
    settle(server)
    clock.advance(minutes=12 * 60)
    settle(server)
    assert len(bot.sent) == 1
    clock.advance(minutes=1)
    settle(server)
    assert (bot.keys, outbox.tally()) == (["n1", "n1"], {"delivered": 1})


def test_what_nobody_takes_for_a_day_is_given_up_however_old_its_notice_is(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(*[retry("-1", "busy")] * 400)
    outbox.add([notice(1, at=clock.now() - timedelta(hours=62))])
    server = chat(outbox, clock, bot)
    for _ in range(24 * 6):
        settle(server)
        clock.advance(minutes=10)
    assert outbox.tally() == {"waiting": 1}
    clock.advance(minutes=10)
    settle(server)
    assert outbox.tally() == {"dead": 2}, "the notice, and its letter that no route takes"


def test_a_notice_of_another_version_is_told_badly_and_holds_up_no_other(
    outbox: Notifications, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    bot = Bot()
    outbox.add([notice(1, evidence={"room_c": None}), notice(2), notice(3, kind="of tomorrow")])
    settle(chat(outbox, clock, bot))
    assert sorted(bot.keys) == ["n1", "n2", "n3"]
    assert "淞南社区暖新驿站1号 有电但出风口不热" in bot.sent[0].text
    assert "notice n1 has no words" in caplog.text


def test_a_notice_that_cannot_be_routed_is_the_operator_s_and_holds_up_no_other(
    outbox: Notifications, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    bot, ops = Bot(), Bot()
    routes = [route("chat", min_severity="notice"), route("ops", tier="operator")]
    server = drain(outbox, clock, [channel("chat", bot), channel("ops", ops)], routes)
    outbox.add([notice(1, severity="of tomorrow"), notice(2)])
    settle(server)
    assert bot.keys == ["n2"]
    assert len(ops.sent) == 1
    assert "notice n1 cannot be routed" in caplog.text


def test_what_waited_for_the_morning_with_its_end_is_told_as_over(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot()
    night = route("chat", quiet=QuietHours(time(0), time(23, 59)))
    server = drain(outbox, clock, [channel("chat", bot)], [night])
    over = {"kind": "resolved", "key": "end", "evidence": {"lasted_min": 50.0}}
    outbox.add([notice(1, severity="urgent"), notice(2), notice(1, **over)])
    settle(server)
    clock.advance(minutes=12 * 60)
    settle(server)
    first, other = bot.sent
    assert [one.key for one in first.notices] == ["n1", "end"]
    assert first.title.startswith("【已恢复】")
    assert "历时 50 分钟" in first.text
    assert "检查加热管" not in first.text
    assert [one.key for one in other.notices] == ["n2"]
    assert outbox.tally() == {"delivered": 3}


def test_a_digest_says_of_each_alert_what_was_said_last(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot()
    server = chat(outbox, clock, bot)
    outbox.add(notice(number) for number in range(1, 6))
    outbox.add([notice(2, key="again", kind="reminder"), notice(3, key="end", kind="resolved")])
    settle(server)
    [told] = bot.sent
    assert len(told.notices) == 7
    lines = [line for line in told.text.splitlines() if line.startswith("- ")]
    assert len(lines) == 5
    assert told.title == "5 条告警"
    assert sum("仍未处理" in line for line in lines) == sum("已恢复" in line for line in lines) == 1


def test_a_clock_that_was_ahead_and_is_set_back_silences_nobody(
    outbox: Notifications, clock: FakeClock
) -> None:
    bot = Bot(*[limited("45009", "too often", timedelta(minutes=1))] * 2)
    server = chat(outbox, clock, bot)
    clock.advance(minutes=300)
    outbox.add([notice(1, severity="critical")])
    settle(server)
    clock.advance(minutes=-300)
    outbox.add([notice(2, severity="critical")])
    settle(server)
    assert bot.keys == ["n1", "n2"]
    settle(server)
    assert len(bot.sent) == 2, "this one was refused now: it is heeded"
