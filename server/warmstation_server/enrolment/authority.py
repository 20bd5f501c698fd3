"""The deployment's own certificate authority: signs stations, brokers and its revocation list.

Pure but for randomness: the caller reads and writes files, and hands in `now`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Authority and broker are valid from here: a Pi without a clock begins in 1970, and must still
be able to tell its broker from another one before it knows the time."""
BACKDATED = timedelta(days=1)
"""A station's certificate begins this long ago: the broker's clock may be behind ours."""
AUTHORITY_YEARS = 30
STATION_LIFE = timedelta(days=730)
"""A heated room rests from March to November: it must find its certificate valid afterwards."""
BROKER_LIFE = timedelta(days=3650)
SERVER_NAME = "_server"
"""The server's own CN. Begins as no station's id may."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A serial number that is not to be believed any more."""

    serial: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, now: datetime, name: str = "Warmstation") -> Authority:
        """An authority that may sign ends only (path length 0)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(f"{name} {now:%Y-%m-%d} {x509.random_serial_number() % 10**6:06}")
        until = now.replace(year=now.year + AUTHORITY_YEARS, day=1)
        builder = _builder(subject, subject, key.public_key(), ALWAYS, until)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> str:
        """The certificate that stations pin."""
        return pem(self.certificate)

    def station(
        self,
        station_id: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        life: timedelta = STATION_LIFE,
    ) -> x509.Certificate:
        """A client's certificate: it cannot pass for a broker."""
        return self._end(station_id, key, now - BACKDATED, now + life, is_broker=False)

    def broker(
        self, hosts: Iterable[str], key: ec.EllipticCurvePublicKey, now: datetime
    ) -> x509.Certificate:
        """A server's certificate for these host names and addresses: it is no client's."""
        hosts = tuple(hosts)
        until = min(now + BROKER_LIFE, self.certificate.not_valid_after_utc)
        return self._end(hosts[0], key, ALWAYS, until, is_broker=True, hosts=hosts)

    def revocations(self, revoked: Iterable[Revoked], now: datetime) -> str:
        """The list for the broker, PEM.

        It is over when the authority is. A list that is over makes OpenSSL refuse every client,
        and this one reaches the broker as a file, so nobody can hold an older one against it.
        """
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(self.certificate.not_valid_after_utc)
        )
        for one in revoked:
            entry = x509.RevokedCertificateBuilder()
            entry = entry.serial_number(one.serial).revocation_date(one.at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def has_signed(self, certificate: x509.Certificate) -> bool:
        """Whether this certificate is ours."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except Exception:  # noqa: BLE001 - wrong name, key or signature: one kind of each
            return False
        return True

    def _end(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        since: datetime,
        until: datetime,
        *,
        is_broker: bool,
        hosts: tuple[str, ...] = (),
    ) -> x509.Certificate:
        builder = _builder(_named(name), self.certificate.subject, key, since, until)
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if is_broker else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(ours, critical=False)
        if hosts:
            alternatives = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def serial_of(certificate: x509.Certificate) -> str:
    """A serial number as it is kept: 40 hexadecimal digits."""
    return f"{certificate.serial_number:040x}"


def name_of(certificate: x509.Certificate) -> str:
    """The CN."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
