"""An authority with a registry behind it, and stations that enrol at it without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation_edge.enrolment.by_library import Library
from warmstation_edge.enrolment.crypto import Crypto
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.station import Station
from warmstation_server.enrolment.desk import Desk
from warmstation_server.registry import Registry
from warmstation_wire import Payload
from warmstation_wire.enrolment import ENROLMENTS, RENEWALS, EnrolmentRequest, Signed

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@dataclass
class Deployment:
    """A desk, its time, and a server that stations reach by a function call."""

    folder: Path
    registry: Registry
    desk: Desk
    now: datetime = NOW

    @property
    def authority(self) -> Path:
        """What stations pin."""
        self.desk.authority(self.now)
        return self.folder / "authority" / "ca.pem"

    def ask(self, address: str, path: str, asked: Payload, authority: Path) -> bytes:
        """As `server.answer` does, with our errors instead of status codes."""
        if path == ENROLMENTS:
            assert isinstance(asked, EnrolmentRequest)
            return self.desk.enrol(asked.claim, asked.csr, self.now).to_json()
        assert isinstance(asked, Signed)
        if path == RENEWALS:
            return self.desk.renew(asked, self.now).to_json()
        self.desk.commission(asked, self.now)
        return b""

    def station(self, name: str = "ks-a", crypto: Crypto | None = None) -> Station:
        """A Pi with that name."""
        identity = Identity(self.folder / f"{name}.pem")
        return Station(name, identity, self.authority, crypto or Library(), self.ask)

    def enrolled(self, name: str) -> Path:
        """The key and certificate of a station that has enrolled."""
        self.station(name).enrol("https://here", self.desk.claim(name, self.now))
        return self.folder / f"{name}.pem"


@contextmanager
def deployment(folder: Path, *names: str, now: datetime = NOW) -> Iterator[Deployment]:
    """A deployment with these stations in its registry."""
    with closing(Registry.open(migrated(folder / "registry.db"))) as registry:
        registry.put(REGIONS, [station(name) for name in names or ("ks-a", "ks-b")])
        yield Deployment(folder, registry, Desk(folder / "authority", registry.enrolments), now)
