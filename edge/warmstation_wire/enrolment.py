"""How a station gets, and renews, its certificate, and what else it says over its signature.

JSON over HTTPS: `POST /api/v1/enrolments` (claim), `/api/v1/renewals` and `/api/v1/commissionings`
(both Signed). Keys are on the curve P-256, signatures ECDSA with SHA-256 in DER, both of which
every OpenSSL on a Pi can make.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from warmstation_wire.parts import Id, Moment, Payload, Version

ENROLMENTS = "/api/v1/enrolments"
RENEWALS = "/api/v1/renewals"
COMMISSIONINGS = "/api/v1/commissionings"
MAX_BODY_BYTES = 64 * 1024
"""Of any request to these three."""

Pem = Annotated[str, Field(max_length=8192, pattern=r"^-----BEGIN [A-Z ]+-----\n")]
Claim = Annotated[str, Field(max_length=120, pattern=r"^[a-z0-9-]+\.[a-z2-7]{26}$")]


class EnrolmentRequest(Payload):
    """A claim and the signing request of the key that the device has made."""

    v: Version = 1
    claim: Claim
    csr: Pem


class Enrolled(Payload):
    """The station's certificate and the authority that signed it."""

    v: Version = 1
    station: Id
    certificate: Pem
    authority: Pem
    not_after: Moment


class Signed(Payload):
    """A statement (JSON text), and its signature by the key of this certificate."""

    v: Version = 1
    certificate: Pem
    statement: Annotated[str, Field(max_length=MAX_BODY_BYTES)]
    signature: Annotated[str, Field(max_length=200, description="base64 of DER")]


class Renewal(Payload):
    """Statement: this is the signing request of my next key."""

    purpose: Literal["renewal"] = "renewal"
    csr: Pem


class Commissioning(Payload):
    """Statement: this is how I was commissioned. `record` is what `doctor` wrote."""

    purpose: Literal["commissioning"] = "commissioning"
    record: dict[str, Any]
