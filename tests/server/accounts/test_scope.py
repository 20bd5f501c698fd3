"""Who sees what lies where: against walking up the tree by hand, whatever places are called."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.support.figures import station
from warmstation_server.accounts.scope import EVERYWHERE, Node, Tree, at_region, at_station
from warmstation_server.places import Region, Station, Text

NAMES = ("aa", "bb", "cc", "dd", "ee")
LEVELS = ("province", "city", "district", "street", "community")


def grown(rng: random.Random) -> Tree:
    """Regions under wider ones, and stations that may be called as regions are."""
    regions: dict[str, Region] = {}
    for name, level in zip(rng.sample(NAMES, 5), LEVELS, strict=True):
        parent = rng.choice([*regions, None])
        regions[name] = Region(name, Text(name), level, parent)  # type: ignore[arg-type]
    stations = {name: station(name, rng.choice(list(regions))) for name in rng.sample(NAMES, 3)}
    return Tree(regions, stations)


def holds(tree: Tree, scope: Node, node: Node) -> bool:
    """By hand: whether `node` is `scope` or lies in it."""
    if scope in (EVERYWHERE, node):
        return True
    if node.kind == "station":
        return holds(tree, scope, at_region(tree.stations[node.id].region_id))
    above = tree.regions[node.id].parent_id
    return above is not None and holds(tree, scope, at_region(above))


@pytest.mark.parametrize("seed", range(60))
def test_a_scope_holds_what_lies_in_it_and_nothing_else_also_after_moves(seed: int) -> None:
    rng = random.Random(seed)
    tree = grown(rng)
    for _ in range(3):
        every = [*map(at_region, tree.regions), *map(at_station, tree.stations)]
        for scope in (EVERYWHERE, *every):
            for node in every:
                assert tree.is_within(node, [scope]) == holds(tree, scope, node), (scope, node)
            assert not tree.is_within(at_station("nowhere"), [scope])
            assert tree.is_within(EVERYWHERE, [scope]) == (scope == EVERYWHERE)
        moved: dict[str, Station] = {
            name: replace(one, region_id=rng.choice(list(tree.regions)))
            for name, one in tree.stations.items()
        }
        tree = Tree(tree.regions, moved)
