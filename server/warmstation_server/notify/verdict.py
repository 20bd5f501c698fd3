"""What follows an attempt: told, again later, over the fallback channel, or given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from warmstation_server.notify.delivery import GIVE_UP, Address, Delivery, Verdict
from warmstation_server.notify.outcome import Outcome

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
TRIES = 4
TRIES_CRITICAL = 2
"""Attempts before the fallback channel takes over, where there is one."""
PATIENCE_CRITICAL = timedelta(seconds=60)
"""A critical notice waits no longer for a channel that has to rest."""


def after(
    outcome: Outcome, delivery: Delivery, fallback: str | None, now: datetime, rng: Random
) -> Verdict:
    """The delivery's next state. `fallback`: the channel to go to, None where there is none."""
    if outcome.kind == "delivered":
        return Verdict("delivered", attempts=delivery.attempts + 1, may_repeat=delivery.may_repeat)
    attempts = delivery.attempts + (0 if outcome.is_limit else 1)
    may_repeat = delivery.may_repeat or outcome.may_have_arrived
    if _is_over(outcome, delivery, attempts, now, has_fallback=fallback is not None):
        if fallback is None:
            return Verdict("dead", attempts=attempts, may_repeat=may_repeat)
        address = Address(delivery.recipient, fallback, delivery.language, now, may_repeat)
        return Verdict("moved", attempts=attempts, may_repeat=may_repeat, address=address)
    wait = outcome.after or backoff(attempts, rng)
    return Verdict("waiting", now + wait, attempts, may_repeat)


def backoff(attempts: int, rng: Random) -> timedelta:
    """Twice as long each time, between a half and the whole of it."""
    doublings = min(max(attempts - 1, 0), 16)
    longest = min(timedelta(seconds=FIRST_WAIT.total_seconds() * 2.0**doublings), LONGEST_WAIT)
    share: float = rng.uniform(0.5, 1.0)
    return longest * share


def _is_over(
    outcome: Outcome, delivery: Delivery, attempts: int, now: datetime, *, has_fallback: bool
) -> bool:
    # From the first attempt: what waited for a duty to begin after a weekend has its day too.
    if outcome.kind == "permanent" or now - (delivery.tried_at or now) > GIVE_UP:
        return True
    if not has_fallback:
        return False
    if delivery.is_critical and outcome.after is not None and outcome.after > PATIENCE_CRITICAL:
        return True
    return attempts >= (TRIES_CRITICAL if delivery.is_critical else TRIES)
