"""What a station asks to have signed, checked: its own name, nothing more. Pure."""

from __future__ import annotations

import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from warmstation_server.enrolment.errors import BadSigningRequest

_STATION = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)


def checked(pem: str, station_id: str) -> ec.EllipticCurvePublicKey:
    """The key to certify; BadSigningRequest where the request is for anything else.

    The subject must be exactly CN=station_id: the broker takes the CN for user name and client
    id, and a topic pattern is filled with it, so that `+`, `#` or `/` in it would be everybody.
    Names and uses that the request asks for beyond that are refused, not dropped.
    """
    request = _read(pem)
    names = list(request.subject)
    if len(names) != 1 or names[0].oid != NameOID.COMMON_NAME:
        raise BadSigningRequest("the subject of the request must be one CN and nothing else")
    name = str(names[0].value)
    if _STATION.fullmatch(name) is None or name != station_id:
        raise BadSigningRequest(f"the request is for {name[:80]!r}, the claim for {station_id}")
    if len(request.extensions):
        raise BadSigningRequest("the request may not ask for extensions")
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadSigningRequest("the key must be on the curve P-256")
    if not request.is_signature_valid:
        raise BadSigningRequest("the request is not signed by its own key")
    return key


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of the public key: the same for every request that this key signs."""
    return hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


def _read(pem: str) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        _ = request.subject, request.extensions, request.public_key()
    except Exception as error:  # noqa: BLE001 - the parser raises many kinds; all mean the same
        raise BadSigningRequest(f"this is no signing request ({type(error).__name__})") from None
    return request
