"""Whether the broker lets this station in, under its own name and with the agent stopped."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from warmstation_edge.clock import Clock
from warmstation_edge.profile import Profile
from warmstation_edge.uplink.connect import account
from warmstation_edge.uplink.link import Offline, Online
from warmstation_edge.uplink.paho_link import PahoLink
from warmstation_edge.uplink.pump import Pump
from warmstation_edge.uplink.uplink import HEARS
from warmstation_wire import Leaf, Topic, WarmstationError

WITHIN_S = 20.0
_POLL_S = 0.1
_TRIES = 3


def refusal_of(profile: Profile, clock: Clock, pause: Callable[[float], None]) -> str | None:
    """None where it was let in; else why not, in the broker's or the network's words."""
    name, district = profile.station.id, profile.station.district
    try:
        who = account(profile.broker, name)
    except WarmstationError as error:
        return str(error)
    will = (str(Topic(district, name, Leaf.PRESENCE)), b"")
    hears = tuple(str(Topic(district, name, leaf)) for leaf in HEARS)
    link, pump = PahoLink(who, will, hears, Random(0)), Pump()  # noqa: S311 - for jitter only
    pump.add(link)
    pump.start()
    try:
        return _waited(link, clock, pause)
    finally:
        link.close()
        pump.stop()


def _waited(link: PahoLink, clock: Clock, pause: Callable[[float], None]) -> str | None:
    said, tries, until = "no answer", 0, clock.monotonic() + WITHIN_S
    while clock.monotonic() < until and tries < _TRIES:
        for event in link.events():
            if isinstance(event, Online):
                return None
            if isinstance(event, Offline):
                said, tries = event.reason, tries + 1
                if event.is_refused:
                    return said
        pause(_POLL_S)
    return said
