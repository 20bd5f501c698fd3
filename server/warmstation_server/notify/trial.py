"""One message over one channel that says it is a test. For `warmstation notify test`."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from warmstation_server.notify import words
from warmstation_server.notify.channel import Channel
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message


def send(channel: Channel, now: datetime) -> Outcome:
    """What the vendor made of it."""
    key, title = uuid4().hex, f"{words.TRIAL.zh} / {words.TRIAL.en}"
    text = f"{title}\n{words.TRIAL_TEXT.zh}\n{words.TRIAL_TEXT.en}"
    notice = Notice(
        key=key,
        alert_id="",
        kind="firing",
        severity="notice",
        station="",
        station_name=words.DELIVERY,
        tier="operator",
        region_id="",
        title=words.TRIAL,
        since=now,
        at=now,
    )
    return channel.sender.send(
        Message(key, title, text, channel.flavour, "zh-CN", may_repeat=False, notices=(notice,))
    )
