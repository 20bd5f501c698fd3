from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.support.notices import notice
from tests.support.registered import NOON
from warmstation_server.notify.delivery import GIVE_UP, Delivery, Verdict
from warmstation_server.notify.outcome import Outcome, delivered, limited, permanent, retry
from warmstation_server.notify.verdict import LONGEST_WAIT, after, backoff


def verdict(
    outcome: Outcome, fallback: str | None = None, severity: str = "warning", **changes: Any
) -> Verdict:
    facts: dict[str, Any] = {"attempts": 0} | changes
    late = facts.pop("late", timedelta(0))
    one = Delivery(1, notice(1, severity=severity), "r", "chat", "en", **facts)
    return after(outcome, one, fallback, NOON + late, Random(1))


def test_delivered_is_the_end() -> None:
    assert verdict(delivered("0")).state == "delivered"


def test_permanent_goes_to_the_fallback_or_ends() -> None:
    assert verdict(permanent("93000")).state == "dead"
    found = verdict(permanent("93000"), fallback="mail")
    assert found.state == "moved"
    assert found.address is not None
    assert (found.address.channel, found.address.due_at) == ("mail", NOON)


def test_a_fallback_takes_over_sooner_for_what_is_critical() -> None:
    busy = retry("-1")
    assert verdict(busy, "mail", attempts=2).state == "waiting"
    assert verdict(busy, "mail", attempts=3).state == "moved"
    assert verdict(busy, "mail", "critical", attempts=0).state == "waiting"
    assert verdict(busy, "mail", "critical", attempts=1).state == "moved"


def test_without_a_fallback_it_is_tried_for_a_day() -> None:
    said: dict[str, Any] = {"attempts": 90, "tried_at": NOON}
    assert verdict(retry("-1"), late=GIVE_UP, **said).state == "waiting"
    assert verdict(retry("-1"), late=GIVE_UP + timedelta(seconds=1), **said).state == "dead"


def test_being_told_to_wait_is_no_failure_of_the_message() -> None:
    found = verdict(limited("45009", "", timedelta(minutes=1)), "mail", attempts=3)
    assert (found.state, found.attempts) == ("waiting", 3)
    assert found.due_at == NOON + timedelta(minutes=1)


def test_what_is_critical_does_not_wait_ten_minutes() -> None:
    blocked = limited("130101", "", timedelta(minutes=10))
    assert verdict(blocked, "mail", "critical").state == "moved"
    assert verdict(blocked, "mail").state == "waiting"
    assert verdict(blocked, None, "critical").state == "waiting"


def test_what_may_have_arrived_stays_marked_on_its_way() -> None:
    unheard = retry("unanswered", may_have_arrived=True)
    assert verdict(unheard).may_repeat
    assert verdict(retry("-1"), may_repeat=True).may_repeat
    found = verdict(unheard, "mail", attempts=3)
    assert found.address is not None
    assert found.address.may_repeat


def test_the_wait_doubles_is_spread_and_has_an_end() -> None:
    rng = Random(7)
    for attempts, longest_s in ((1, 5), (2, 10), (3, 20), (7, 320)):
        found = {backoff(attempts, rng).total_seconds() for _ in range(50)}
        assert len(found) > 40
        assert longest_s / 2 <= min(found) <= max(found) <= longest_s
    assert backoff(500, rng) <= LONGEST_WAIT
