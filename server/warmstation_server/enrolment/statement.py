"""What a station says over its signature: who said it, and whether to believe that. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from warmstation_server.enrolment.authority import Authority
from warmstation_server.enrolment.errors import BadSignature
from warmstation_wire.enrolment import Signed


def signer(said: Signed, authority: Authority, now: datetime) -> x509.Certificate:
    """The certificate that stands behind it; BadSignature. Whether it is revoked is not seen here.

    Nothing here is fresh: who repeats a statement makes the server hear again what the station
    did say.
    """
    certificate = _certificate(said.certificate)
    if not authority.has_signed(certificate):
        raise BadSignature("the certificate is not one of this deployment's")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BadSignature("the certificate is over: the station needs a new claim")
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadSignature("the certificate is not a station's")
    try:
        signature = base64.b64decode(said.signature, validate=True)
        key.verify(signature, said.statement.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        raise BadSignature("the signature is not the certificate's") from None
    return certificate


def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise BadSignature("this is no certificate") from None
