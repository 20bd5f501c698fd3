"""A claim: the right to one certificate, handed to an installer. Pure.

`station.secret`, the secret being 130 random bits. Only its hash is kept. A plain SHA-256 is
enough for a random secret of that size: there is no dictionary to try.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from warmstation_server.enrolment.errors import BadClaim

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
SECRET_LENGTH = 26
LIFE = timedelta(days=3)
"""How long a claim waits for its installer, unless told otherwise."""
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as kept. `request` is the SHA-256 of the one signing request that used it."""

    station_id: str
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    request: str | None = None
    serial: str | None = None

    def check(self, request: str, now: datetime) -> None:
        """BadClaim unless this signing request may use it now.

        The same request again is fine: the station did not hear the first answer.
        """
        if self.used_at is not None:
            if self.request != request:
                raise refused()
        elif not self.created_at <= now < self.expires_at:
            raise refused()


def drawn(station_id: str) -> str:
    """A new claim's text: `ks-songnan.k5w3...`."""
    return f"{station_id}.{''.join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))}"


def hashed(text: str) -> str:
    """What is kept of a claim's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def refused() -> BadClaim:
    """The one answer to every claim that does not hold."""
    return BadClaim("this claim is unknown, used or over: ask for a new one")
