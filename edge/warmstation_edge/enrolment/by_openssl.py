"""Keys by the openssl program, where no library is installed. Implements crypto.Crypto."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from warmstation_edge.enrolment.errors import EnrolmentFailed

_CONFIG = "[req]\ndistinguished_name = dn\n[dn]\n"
_WHEN = "%b %d %H:%M:%S %Y GMT"


def installed() -> str | None:
    """Where the program is."""
    return shutil.which("openssl")


class OpenSsl:
    """OpenSSL 1.1 or later."""

    def __init__(self, program: str) -> None:
        self._program = program

    def new_key(self) -> str:
        """A private key, PKCS 8."""
        words = ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        return self._run(*words, "-pkeyopt", "ec_param_enc:named_curve").decode()

    def request(self, key: str, name: str) -> str:
        """A signing request for CN=name and nothing else."""
        with _files({"key": key, "config": _CONFIG}) as at:
            words = ("req", "-new", "-key", f"{at}/key", "-config", f"{at}/config", "-sha256")
            return self._run(*words, "-subj", f"/CN={name}").decode()

    def signature(self, key: str, data: bytes) -> bytes:
        """DER."""
        with _files({"key": key}) as at:
            return self._run("dgst", "-sha256", "-sign", f"{at}/key", given=data)

    def span(self, certificate: str) -> tuple[datetime, datetime]:
        """Not before, not after."""
        told = self._run("x509", "-noout", "-startdate", "-enddate", given=certificate.encode())
        since, until = (line.partition("=")[2] for line in told.decode().splitlines()[:2])
        return _moment(since), _moment(until)

    def is_of(self, certificate: str, authority: str, key: str) -> bool:
        """Whether this authority signed it, for this key."""
        with _files({"key": key, "certificate": certificate, "authority": authority}) as at:
            trusted = ("-CAfile", f"{at}/authority", "-purpose", "sslclient")
            try:
                self._run("verify", "-no_check_time", *trusted, f"{at}/certificate")
                theirs = self._run("x509", "-noout", "-pubkey", "-in", f"{at}/certificate")
                return theirs == self._run("pkey", "-pubout", "-in", f"{at}/key")
            except EnrolmentFailed:
                return False

    def _run(self, *words: str, given: bytes = b"") -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - our own words only
                (self._program, *words), input=given, capture_output=True, check=True, timeout=60
            )
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise EnrolmentFailed(f"openssl {words[0]}: {said[-1] if said else 'failed'}") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnrolmentFailed(f"openssl {words[0]}: {error}") from None
        return done.stdout


@contextmanager
def _files(texts: Mapping[str, str]) -> Iterator[Path]:
    """Files that only this user can read, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="warmstation-") as folder:
        at = Path(folder)
        for name, text in texts.items():
            (at / name).touch(mode=0o600)
            (at / name).write_text(text, "ascii")
        yield at


def _moment(text: str) -> datetime:
    return datetime.strptime(text.strip(), _WHEN).replace(tzinfo=UTC)
