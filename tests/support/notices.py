"""Notices, and a drain whose senders answer at once: only what matters to a test is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.support.registered import NOON
from warmstation_server.clock import Clock
from warmstation_server.notify.batching import Limit
from warmstation_server.notify.channel import Channel
from warmstation_server.notify.drain import Drain, Means, Outbox
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome, delivered
from warmstation_server.notify.routes import Contact, Route, Router
from warmstation_server.notify.sender import Message
from warmstation_server.notify.template import Templates
from warmstation_server.places import Text

T = TypeVar("T")
SHANGHAI = ZoneInfo("Asia/Shanghai")
TEMPLATES = Templates("https://warm.example", SHANGHAI, lambda _station: None)


def notice(number: int = 1, **changes: Any) -> Notice:
    """A warning that a station's heater gives no heat, to its community."""
    facts: dict[str, Any] = {
        "key": f"n{number}",
        "alert_id": f"a{number}",
        "kind": "firing",
        "severity": "warning",
        "station": f"ks-{number}",
        "station_name": Text(f"淞南社区暖新驿站{number}号", f"Songnan station {number}"),
        "tier": "community",
        "region_id": "songnan",
        "title": Text("有电但出风口不热", "Powered, but the outlet stays cold"),
        "since": NOON - timedelta(minutes=12),
        "at": NOON,
        "advice": Text("检查加热管和风机", "Check heating element and fan"),
        "evidence": {"room_c": 18.25},
    }
    return Notice(**facts | changes)


class Bot:
    """A sender that keeps what it is given and answers as told, then with success."""

    def __init__(self, *answers: Outcome) -> None:
        self.sent: list[Message] = []
        self.answers = list(answers)

    def send(self, message: Message) -> Outcome:
        """Keep it."""
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else delivered("0")

    @property
    def keys(self) -> list[str]:
        """The keys of the notices told, in order."""
        return [one.key for message in self.sent for one in message.notices]


class AtOnce:
    """An executor that has the answer when it returns."""

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Do it now."""
        future: Future[T] = Future()
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


def channel(name: str, sender: Any, **changes: Any) -> Channel:
    """A channel with WeCom's limits."""
    facts: dict[str, Any] = {"limit": Limit(20), "max_bytes": 2_048, "flavour": "markdown"}
    return Channel(name, sender, **facts | changes)


def route(*channels: str, **changes: Any) -> Route:
    """The people of a community, of every region."""
    facts: dict[str, Any] = {"name": changes.pop("recipient", "淞南"), "channels": channels}
    of_contact = ("language", "quiet", "duty")
    facts |= {key: changes.pop(key) for key in of_contact if key in changes}
    if "region" in changes:
        changes["place"] = ("region", changes.pop("region"))
    return Route((Contact(**facts),), **{"tier": "community"} | changes)


def drain(
    outbox: Outbox,
    clock: Clock,
    channels: Sequence[Channel],
    routes: Sequence[Route] | None = None,
    passed: Callable[[str], None] = lambda _point: None,
    owner: str = "one",
    **changes: Any,
) -> Drain:
    """A drain that sends at once; every notice goes to the first channel."""
    router = Router(
        routes if routes is not None else [route(channels[0].name)],
        lambda region: (region,),
        SHANGHAI,
        timedelta(0),
    )
    by_name: Mapping[str, Channel] = {one.name: one for one in channels}
    facts: dict[str, Any] = {"executor": AtOnce(), "rng": Random(1)} | changes
    return Drain(
        Means(
            outbox=outbox,
            channels=by_name,
            router=lambda: router,
            templates=TEMPLATES,
            clock=clock,
            owner=owner,
            passed=passed,
            **facts,
        )
    )


def settle(drain: Drain) -> None:
    """Turn until there is nothing to do at this moment."""
    for _ in range(1000):
        if not drain.turn():
            return
    raise AssertionError("it never settles")
