"""Places to choose from in a form, and places as people call them. For staff pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from warmstation_server.accounts.scope import EVERYWHERE, Node, at_region, at_station
from warmstation_server.web.staff.visit import Visit


class Place(NamedTuple):
    """A node with its name; `depth` in the region tree."""

    value: str
    name: str
    depth: int = 0


def name_of(visit: Visit, node: Node) -> str:
    """What a place is called; its id where it is gone."""
    if node == EVERYWHERE:
        return visit.words("place.everywhere")
    if not visit.tree.has(node):
        return node.id
    is_station = node.kind == "station"
    found = visit.tree.known(node.id) if is_station else visit.tree.regions[node.id]
    return visit.words.text(found.name)


def places_of(visit: Visit, nodes: Iterable[Node]) -> list[Place]:
    """These places, named."""
    return [Place(str(node), name_of(visit, node)) for node in nodes]


def regions_to_choose(visit: Visit) -> list[Place]:
    """Everything and every region within the visitor's scope, as a tree."""
    found = [Place("*", name_of(visit, EVERYWHERE))] if visit.within(EVERYWHERE) else []
    below: dict[str | None, list[str]] = {}
    for region in sorted(visit.tree.regions.values(), key=lambda one: one.id):
        parent = region.parent_id if region.parent_id in visit.tree.regions else None
        below.setdefault(parent, []).append(region.id)
    found += _walked(visit, below, None, 0)
    return found


def stations_to_choose(visit: Visit) -> list[Place]:
    """Every station within the visitor's scope, by name."""
    found = [Place(str(at_station(one.id)), visit.words.text(one.name)) for one in visit.stations()]
    return sorted(found, key=lambda place: place.name)


def _walked(
    visit: Visit, below: dict[str | None, list[str]], parent: str | None, depth: int
) -> Iterator[Place]:
    if depth > len(visit.tree.regions):  # a circle in the tree
        return
    for region in below.get(parent, ()):
        node = at_region(region)
        if visit.within(node):
            yield Place(str(node), name_of(visit, node), depth)
        yield from _walked(visit, below, region, depth + 1)
