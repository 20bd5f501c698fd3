"""Keys, signing requests and signatures, by whichever the device has: cryptography or openssl.

P-256 and ECDSA with SHA-256, as the contract says (wire.enrolment).
"""

from __future__ import annotations

import importlib.util
from datetime import datetime
from typing import Protocol

from warmstation_edge.enrolment.errors import EnrolmentFailed


class Crypto(Protocol):
    """What enrolment needs; everything is PEM text."""

    def new_key(self) -> str:
        """A private key."""
        ...

    def request(self, key: str, name: str) -> str:
        """A signing request for CN=name."""
        ...

    def signature(self, key: str, data: bytes) -> bytes:
        """DER."""
        ...

    def span(self, certificate: str) -> tuple[datetime, datetime]:
        """Not before, not after."""
        ...

    def is_of(self, certificate: str, authority: str, key: str) -> bool:
        """Whether this authority signed it, for this key."""
        ...


def chosen() -> Crypto:
    """cryptography where it is installed (the `pi` extra), else the openssl program."""
    if importlib.util.find_spec("cryptography") is not None:
        from warmstation_edge.enrolment.by_library import Library

        return Library()
    from warmstation_edge.enrolment.by_openssl import OpenSsl, installed

    program = installed()
    if program is None:
        raise EnrolmentFailed(
            "a key needs pip install 'warmstation[pi]' or the openssl program; neither is here"
        )
    return OpenSsl(program)
