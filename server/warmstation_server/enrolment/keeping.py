"""The authority's directory: its key, its certificate, its revocation list.

The key is readable by its owner only. Who has it can make any station's certificate: keep the
directory in the backup, and nowhere else.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from warmstation_server.enrolment.authority import Authority
from warmstation_server.enrolment.errors import BadAuthority

KEY, CERTIFICATE, REVOCATIONS, ACL = "ca.key", "ca.pem", "crl.pem", "acl"


def opened(directory: Path, now: datetime) -> Authority:
    """The authority in this directory, made where there is none; BadAuthority says why not."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(directory):
            if not (directory / KEY).exists():
                _make(directory, now)
        return _read(directory)
    except BadAuthority:
        raise
    except OSError as error:
        raise _not_kept(directory, error) from None


def written(path: Path, text: str, mode: int = 0o644) -> None:
    """Put a whole file in place at once, also over a power cut."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, mode)
        file.write(text)
        file.flush()
        os.fsync(handle)
    fresh.replace(path)


def kept(directory: Path, name: str, text: str, mode: int = 0o644) -> Path:
    """A file of the directory with this content, touched only where it has another.

    BadAuthority where it cannot be kept.
    """
    path = directory / name
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists() or path.read_text("utf-8") != text:
            written(path, text, mode)
    except OSError as error:
        raise _not_kept(directory, error) from None
    return path


def key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as text, PKCS 8, unencrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _not_kept(directory: Path, error: OSError) -> BadAuthority:
    where = error.filename or directory
    return BadAuthority(f"{where}: the authority cannot be kept here: {error.strerror}")


def _make(directory: Path, now: datetime) -> None:
    authority = Authority.new(now)
    written(directory / CERTIFICATE, authority.pem)
    written(directory / REVOCATIONS, authority.revocations((), now))
    written(directory / KEY, key_pem(authority.key), 0o600)  # last: its presence means complete


def _read(directory: Path) -> Authority:
    try:
        key = load_pem_private_key((directory / KEY).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((directory / CERTIFICATE).read_bytes())
    except (ValueError, TypeError) as error:
        raise BadAuthority(f"{directory}: {KEY} or {CERTIFICATE} is damaged ({error})") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BadAuthority(f"{directory / KEY}: must be a key on an elliptic curve")
    if certificate.public_key() != key.public_key():
        raise BadAuthority(f"{directory}: {KEY} and {CERTIFICATE} do not belong together")
    return Authority(key, certificate)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
