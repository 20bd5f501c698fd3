"""Dead letters are an alert of their own: a notice to the operator, once an hour and channel.

They go through the same outbox, to the routes of tier `operator`. A dead letter about a dead
letter is only logged and counted: it would die the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from warmstation_server.notify import words
from warmstation_server.notify.delivery import Delivery
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.routes import OPERATOR
from warmstation_server.places import Text


def dead(
    channel: str, outcome: Outcome, given_up: Sequence[Delivery], now: datetime
) -> tuple[Notice, ...]:
    """What the operator is told when deliveries over a channel were given up."""
    if all(one.notice.tier == OPERATOR for one in given_up):
        return ()
    title = _filled(words.DEAD_LETTER, channel=channel, code=outcome.code)
    evidence: dict[str, float | str] = {"detail": outcome.detail} if outcome.detail else {}
    return (_notice(f"dead-letter:{channel}", title, words.DEAD_ADVICE, evidence, now),)


def unheard(notices: Sequence[Notice], now: datetime) -> tuple[Notice, ...]:
    """What the operator is told of notices that no route takes."""
    said = {}
    for notice in notices:
        if notice.tier != OPERATOR:
            tier = words.TIERS.get(notice.tier, Text(notice.tier, notice.tier))
            title = _nobody(notice.region_id, tier)
            name = f"nobody:{notice.region_id}:{notice.tier}"
            said[name] = _notice(name, title, words.NOBODY_ADVICE, {}, now)
    return tuple(said.values())


def _notice(
    name: str, title: Text, advice: Text, evidence: dict[str, float | str], now: datetime
) -> Notice:
    return Notice(
        key=f"{name}:{now:%Y-%m-%dT%H}",
        alert_id="",
        kind="firing",
        severity="urgent",
        station="",
        station_name=words.DELIVERY,
        tier=OPERATOR,
        region_id="",
        title=title,
        since=now,
        at=now,
        advice=advice,
        evidence=evidence,
    )


def _nobody(region: str, tier: Text) -> Text:
    said = words.NOBODY_TOLD
    return Text(
        said.zh.format(region=region, tier=tier.zh),
        (said.en or said.zh).format(region=region, tier=tier.en),
    )


def _filled(text: Text, **facts: str) -> Text:
    return Text(text.zh.format(**facts), (text.en or text.zh).format(**facts))
