"""The station's identity on its disk: key and certificate in one file, replaced as one.

Two files could be torn apart by a power cut between their renames; TLS takes both from one. A key
that waits for its certificate lies beside it, so that a request that was not answered is repeated
for the same key, and a claim is not lost with the answer.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from warmstation_edge.enrolment.errors import EnrolmentFailed

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Identity:
    """The file that `broker.tls.cert` names, without a `broker.tls.key`."""

    path: Path

    def parts(self) -> tuple[str, str] | None:
        """Key and certificate; None before the enrolment."""
        text = _read(self.path)
        if text is None or _CERTIFICATE not in text:
            return None
        key, mark, certificate = text.partition(_CERTIFICATE)
        return key, mark + certificate

    def pending_key(self) -> str | None:
        """The key of a request that has not been answered."""
        return _read(self._pending)

    def keep_pending(self, key: str) -> None:
        """Put a new key aside."""
        _write(self._pending, key)

    def keep(self, key: str, certificate: str) -> None:
        """From the next connection on, this is who we are."""
        _write(self.path, key + certificate)
        self._pending.unlink(missing_ok=True)

    def was_given(self, claim: str) -> bool:
        """Whether this claim has already brought what is here."""
        return _read(self._claim) == _hashed(claim) and self.parts() is not None

    def keep_claim(self, claim: str) -> None:
        """Remember that it is used, and not what it was."""
        _write(self._claim, _hashed(claim))

    def server(self) -> str | None:
        """Who signed: where a renewal goes."""
        text = _read(self._server)
        return text.strip() if text else None

    def keep_server(self, address: str) -> None:
        """Remember it."""
        _write(self._server, address + "\n")

    @property
    def _pending(self) -> Path:
        return self.path.with_name(self.path.name + ".pending")

    @property
    def _claim(self) -> Path:
        return self.path.with_name(self.path.name + ".claim")

    @property
    def _server(self) -> Path:
        return self.path.with_name(self.path.name + ".server")


def _hashed(claim: str) -> str:
    return hashlib.sha256(claim.encode()).hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise EnrolmentFailed(f"{path}: cannot be read ({error})") from None


def _write(path: Path, text: str) -> None:
    """The whole file at once, also over a power cut; for this user's eyes only."""
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            if os.geteuid() == 0:  # a sudo without -u: the agent has to read it all the same
                owner = path.parent.stat()
                os.fchown(handle, owner.st_uid, owner.st_gid)
            file.write(text)
            file.flush()
            os.fsync(handle)
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise EnrolmentFailed(f"{path}: cannot be written ({error.strerror})") from None
