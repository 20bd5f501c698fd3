"""Where somebody may do things: nodes of the region tree, and single stations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from warmstation_server.accounts.errors import BadNode
from warmstation_server.places import Region, Retired, Station


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A region with all below it, one station, or everything there is (`id` is empty)."""

    kind: Literal["everywhere", "region", "station"]
    id: str = ""

    def __str__(self) -> str:
        return "*" if self.kind == "everywhere" else f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Node:
        """`*`, `region:ks-qiandeng` or `station:ks-songnan`; BadNode for anything else."""
        if text == "*":
            return EVERYWHERE
        kind, _, name = text.partition(":")
        if name and kind == "region":
            return cls("region", name)
        if name and kind == "station":
            return cls("station", name)
        raise BadNode(f"{text[:80]!r} must be *, region:ID or station:ID")


EVERYWHERE = Node("everywhere")


def at_station(station: str) -> Node:
    """This one station."""
    return Node("station", station)


def at_region(region: str) -> Node:
    """This region and all below it."""
    return Node("region", region)


@dataclass(frozen=True, slots=True)
class Tree:
    """Regions and stations as they are now.

    `retired`: stations no more; they still lie where they lay, for who looks at the past.
    """

    regions: Mapping[str, Region]
    stations: Mapping[str, Station]
    retired: Mapping[str, Retired] = field(default_factory=dict)

    def has(self, node: Node) -> bool:
        """Whether there is such a place."""
        if node.kind == "station":
            return node.id in self.stations or node.id in self.retired
        return node.kind == "everywhere" or node.id in self.regions

    def upward(self, node: Node) -> Iterator[Node]:
        """A place and all that it lies in, the narrowest first; nothing for an unknown one."""
        if not self.has(node):
            return
        yield node
        if node.kind == "everywhere":
            return
        is_station = node.kind == "station"
        above = self.known(node.id).region_id if is_station else self._parent(node.id)
        seen = set() if is_station else {node.id}  # a station may be called as a region is
        while above in self.regions and (is_station or above not in seen):
            yield at_region(above)
            seen.add(above)
            above, is_station = self._parent(above), False
        yield EVERYWHERE

    def is_within(self, node: Node, scope: Iterable[Node]) -> bool:
        """Whether a place that exists lies in one of these."""
        wanted = frozenset(scope)
        return any(found in wanted for found in self.upward(node))

    def known(self, station: str) -> Station:
        """A station of now or of the past; KeyError where there was none."""
        gone = self.retired.get(station)
        return self.stations[station] if gone is None else gone.station

    def _parent(self, region: str) -> str:
        return self.regions[region].parent_id or ""
