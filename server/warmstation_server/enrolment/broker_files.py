"""mosquitto's files for a deployment: configuration, ACL, certificates. For `broker config`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from warmstation_server.enrolment.authority import BROKER_LIFE, SERVER_NAME, Authority, pem
from warmstation_server.enrolment.desk import Lists
from warmstation_server.enrolment.errors import BadAuthority
from warmstation_server.enrolment.keeping import key_pem, written
from warmstation_server.intake.mosquitto import BrokerTls, MosquittoConf

LIMITS = """\
# mosquitto opens one file a connection and Debian gives it 1,024 of them: beyond that, connections
# that say nothing would keep the stations out.
[Service]
LimitNOFILE=65536
"""


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """Where they go, and how the broker is reached.

    `seen_as`: where the broker finds them, if that is not where they are written.
    """

    directory: Path
    hosts: tuple[str, ...]
    port: int
    listen: str
    state_dir: Path
    seen_as: Path | None = None

    def write(self, authority: Authority, lists: Lists, now: datetime) -> None:
        """All files; keys are made once and kept. BadAuthority where they cannot be written."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._write(authority, lists, now)
        except OSError as error:
            raise BadAuthority(
                f"{error.filename or self.directory}: cannot be written: {error.strerror}"
            ) from None

    def server_toml(self, host: str) -> str:
        """The [broker] table of server.toml that goes with them."""
        at = self.seen_as or self.directory
        return (
            f'[broker]\nhost = "{host}"\nport = {self.port}\nclient_id = "{SERVER_NAME}"\n'
            f'ca_file = "{at}/ca.pem"\ncert_file = "{at}/server.pem"\nkey_file = "{at}/server.key"'
        )

    def _write(self, authority: Authority, lists: Lists, now: datetime) -> None:
        at = self.directory
        written(at / "ca.pem", authority.pem)
        if at != lists.acl.parent:
            written(at / "acl", lists.acl.read_text("utf-8"), 0o600)
            written(at / "crl.pem", lists.revocations.read_text("ascii"))
        for name in ("broker", "server"):
            if not (at / f"{name}.key").exists():
                self._certify(authority, name, now)
        written(at / "mosquitto.conf", self._conf().text())
        written(at / "mosquitto.service.conf", LIMITS)

    def _certify(self, authority: Authority, name: str, now: datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        if name == "broker":
            certificate = authority.broker(self.hosts, key.public_key(), now)
        else:
            certificate = authority.station(SERVER_NAME, key.public_key(), now, BROKER_LIFE)
        written(self.directory / f"{name}.pem", pem(certificate))
        written(self.directory / f"{name}.key", key_pem(key), 0o600)

    def _conf(self) -> MosquittoConf:
        at = self.seen_as or self.directory
        return MosquittoConf(
            port=self.port,
            host=self.listen,
            state_dir=self.state_dir,
            acl_file=at / "acl",
            tls=BrokerTls(at / "ca.pem", at / "broker.pem", at / "broker.key", at / "crl.pem"),
        )
