"""A station's uplink as its profile describes it: account, last will, topics, link."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from warmstation_edge.clock import Clock
from warmstation_edge.errors import BadProfile
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Broker, Profile, Tls
from warmstation_edge.uplink.pace import Pace
from warmstation_edge.uplink.paho_link import Account, PahoLink
from warmstation_edge.uplink.pump import Pump
from warmstation_edge.uplink.uplink import HEARS, Uplink, last_will
from warmstation_wire import Leaf, Receipt, Topic

_log = logging.getLogger(__name__)


def connect(
    profile: Profile,
    outbox: Outbox,
    pump: Pump,
    clock: Clock,
    rng: Random,
    spread_s: float = 0.0,
    pace: Pace | None = None,
    on_receipt: Callable[[Receipt], None] | None = None,
) -> Uplink:
    """An uplink whose link the pump connects, the first time within `spread_s`.

    BadProfile where a password or certificate file cannot be read.
    """
    station, district = profile.station.id, profile.station.district

    def topic(leaf: Leaf) -> str:
        return str(Topic(district, station, leaf))

    link = PahoLink(
        account(profile.broker, station),
        will=(topic(Leaf.PRESENCE), last_will(outbox.stream)),
        hears=tuple(topic(leaf) for leaf in HEARS),
        rng=rng,
        spread_s=spread_s,
    )
    pump.add(link)
    return Uplink(district, station, outbox, link, clock, rng, pace, on_receipt)


def account(broker: Broker, station: str) -> Account:
    """Who the station is at its broker.

    The certificate's files are read for each connection, so that a renewed one is taken up; they
    are also read here, so that a mistake in them is told at the start. A station that is not
    enrolled yet measures like any other, and connects once its certificate is there.
    """
    tls = broker.tls
    if tls is not None:
        _checked(tls)
    return Account(
        host=broker.host,
        port=broker.port,
        username=broker.username or station,
        password=_password(broker.password_file) if broker.password_file else None,
        tls=partial(_context, tls) if tls is not None else None,
    )


def _checked(tls: Tls) -> None:
    """BadProfile for a file that the installer has named wrong. Key and certificate in one file are
    the enrolment's: where it is not there yet, or a card has spoilt it, the station measures on."""
    is_enrolled = tls.cert is not None and tls.key is None
    _context(tls.model_copy(update={"cert": None}) if is_enrolled else tls)
    if is_enrolled and tls.cert is not None and tls.cert.exists():
        try:
            _context(tls)
        except BadProfile as error:
            _log.error("nothing can be sent until this station is enrolled anew: %s", error)


def _password(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(path, "broker.password_file", f"cannot be read ({error})") from None


def _context(tls: Tls) -> ssl.SSLContext:
    at = tls.ca
    try:
        context = ssl.create_default_context(cafile=str(tls.ca))
        if tls.cert is not None:
            at = tls.cert
            context.load_cert_chain(tls.cert, tls.key)
    except OSError as error:
        raise BadProfile(at, "broker.tls", f"cannot be used ({error})") from None
    return context
