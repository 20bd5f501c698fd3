"""`warmstation-agent enrol` and `renew`: a certificate with a claim, and its renewal in time.

`renew` is run once a day by a timer. The running agent reads the new file at its next connection.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from warmstation_edge.enrolment import server
from warmstation_edge.enrolment.crypto import chosen
from warmstation_edge.enrolment.errors import EnrolmentFailed
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.station import Station
from warmstation_edge.profile import Profile, read

CONFIG = Path("/etc/warmstation/station.toml")


def add_enrol_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `enrol`."""
    parser.add_argument("claim", help="as `warmstation station enrol` told it, or a file with it")
    parser.add_argument("--server", required=True, help="https://... of the deployment")
    parser.add_argument("--config", type=Path, default=CONFIG, help="the station's profile (TOML)")


def add_renew_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `renew`."""
    parser.add_argument("--config", type=Path, default=CONFIG, help="the station's profile (TOML)")
    parser.add_argument("--now", action="store_true", help="renew, also where it is early")


def enrol(given: argparse.Namespace) -> int:
    """Enrol; 0 when the certificate is in place."""
    profile = read(given.config)
    until = station(profile).enrol(given.server.rstrip("/"), _claim(given.claim))
    print(f"{profile.station.id} is enrolled until {until:%Y-%m-%d}")
    return 0


def renew(given: argparse.Namespace) -> int:
    """Renew where it is time; 0 also where it is not."""
    profile = read(given.config)
    until = station(profile).renew(datetime.now(UTC), is_forced=given.now)
    said = "needs no renewal yet" if until is None else f"is renewed until {until:%Y-%m-%d}"
    print(f"the certificate of {profile.station.id} {said}")
    return 0


def station(profile: Profile) -> Station:
    """The station of a profile; EnrolmentFailed where the profile names no place for it."""
    tls = profile.broker.tls
    if tls is None or tls.cert is None:
        raise EnrolmentFailed("the profile's [broker.tls] must name ca and cert")
    if tls.key is not None:
        raise EnrolmentFailed("[broker.tls]: leave key out, cert holds both after an enrolment")
    identity = Identity(tls.cert)
    return Station(profile.station.id, identity, tls.ca, chosen(), server.answer)


def _claim(given: str) -> str:
    """A claim, or the first line of the file that holds it: a command line is seen by all."""
    path = Path(given)
    try:
        return path.read_text("ascii").split()[0] if path.is_file() else given.strip()
    except (OSError, UnicodeDecodeError, IndexError):
        raise EnrolmentFailed(f"{path}: holds no claim") from None
