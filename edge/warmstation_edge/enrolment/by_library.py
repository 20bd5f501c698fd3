"""Keys by the cryptography library. Implements crypto.Crypto."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from warmstation_edge.enrolment.errors import EnrolmentFailed


class Library:
    """Stateless."""

    def new_key(self) -> str:
        """A private key, PKCS 8."""
        key = ec.generate_private_key(ec.SECP256R1())
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def request(self, key: str, name: str) -> str:
        """A signing request for CN=name and nothing else."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return builder.sign(_key(key), hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def signature(self, key: str, data: bytes) -> bytes:
        """DER."""
        return _key(key).sign(data, ec.ECDSA(hashes.SHA256()))

    def span(self, certificate: str) -> tuple[datetime, datetime]:
        """Not before, not after."""
        read = _certificate(certificate)
        return read.not_valid_before_utc, read.not_valid_after_utc

    def is_of(self, certificate: str, authority: str, key: str) -> bool:
        """Whether this authority signed it, for this key."""
        try:
            read = _certificate(certificate)
            read.verify_directly_issued_by(_certificate(authority))
            return read.public_key() == _key(key).public_key()
        except (EnrolmentFailed, ValueError, TypeError, InvalidSignature):
            return False


def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise EnrolmentFailed(f"this is no certificate: {error}") from None


def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as error:  # TypeError: one that asks for a password
        raise EnrolmentFailed(f"this is no private key: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EnrolmentFailed("the station's key must be on an elliptic curve")
    return key
