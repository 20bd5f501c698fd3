"""What staff pages are made of. Built once by whoever builds the server."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.accounts.scope import Tree
from warmstation_server.alerts.desk import Desk
from warmstation_server.clock import Clock
from warmstation_server.exports.jobs import Jobs
from warmstation_server.history import History
from warmstation_server.publish.site import Site
from warmstation_server.registry import Registry
from warmstation_server.snapshot import Current
from warmstation_server.stocking import Stocking
from warmstation_server.usage.district import District


@dataclass(frozen=True, slots=True)
class StaffParts:
    """`desk`: takes what people do with alerts; its answers come with the pipeline's next turn.

    `stocking`: hears of the ledger of supplies and tells what sensors say; None = nobody listens.
    `district`, `exports`: the figures and what is made of them; None = nobody counts here.
    """

    current: Current
    site: Site
    registry: Registry
    history: History
    clock: Clock
    desk: Desk
    stocking: Stocking | None = None
    district: District | None = None
    exports: Jobs | None = None

    @property
    def tree(self) -> Tree:
        """Regions and stations now, and those that were."""
        snapshot = self.current.get()
        return Tree(snapshot.regions, snapshot.stations, snapshot.retired)

    @property
    def is_secure(self) -> bool:
        """Whether readers reach this server by TLS: then cookies never travel without it."""
        return self.site.base_url.startswith("https://")
