"""The broker's certificates, ACL and configuration, made by the deployment's own authority.

For install.py; `warmstation broker config` does the same for a broker on another machine.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from warmstation_server.config import check
from warmstation_server.enrolment.broker_files import BrokerFiles
from warmstation_server.enrolment.desk import Desk
from warmstation_server.operations.changes import Changes
from warmstation_server.registry import Registry

FOLDER = Path("/etc/mosquitto/warmstation")
_PORT = 8883
HERE = "127.0.0.1"
"""Where the server finds it: a Debian of debootstrap has no /etc/hosts to know `localhost` by."""


def certify(changes: Changes, host: str, now: datetime) -> None:
    """All of mosquitto's files; made again only where one is missing or the host is another."""
    there = changes.at(FOLDER)
    names = ("mosquitto.conf", "acl", "crl.pem", "broker.pem", "broker.key", "server.key")
    is_certified = {host, HERE} <= set(_names(there / "broker.pem"))
    if is_certified and all((there / name).exists() for name in names):
        return
    if not is_certified:
        (there / "broker.key").unlink(missing_ok=True)
    _write(changes, host, now)
    for name in ("broker.key", "broker.pem", "acl", "mosquitto.conf"):
        changes.give(f"{FOLDER}/{name}", "mosquitto")
    for name in ("server.key", "server.pem"):
        changes.give(f"{FOLDER}/{name}", "warmstation")
    changes.said.append(f"made the broker's certificate for {host}, its ACL and configuration")


def _write(changes: Changes, host: str, now: datetime) -> None:
    config = check(changes.at("/etc/warmstation/server.toml"))
    url = config.registry.url or f"sqlite:///{changes.at(config.data_dir / 'registry.db')}"
    files = BrokerFiles(
        directory=changes.at(FOLDER),
        hosts=(host, "localhost", HERE),
        port=_PORT,
        listen="",
        state_dir=Path("/var/lib/mosquitto"),
        seen_as=FOLDER,
    )
    with closing(Registry.open(url)) as registry:
        life = timedelta(days=config.enrolment.days)
        desk = Desk(changes.at(config.authority_dir), registry.enrolments, life)
        files.write(desk.authority(now), desk.write_lists(now), now)


def _names(path: Path) -> list[str]:
    if not path.exists():
        return []
    found = x509.load_pem_x509_certificate(path.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = names.get_values_for_type(x509.IPAddress)
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]
