"""All rules of a deployment: shipped ones, its own, and those of regions, each inheriting. Pure.

For a condition at a station the tables are laid over each other: shipped, the file's own without a
region, then those of its regions from the widest to the narrowest; in each, `*` before `heating.*`
before `heating.no_heat`. So every condition has a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from warmstation_server.alerts import rule_file
from warmstation_server.alerts.clashes import GUARDED, Clash, circle, clashes, delays, lacks
from warmstation_server.alerts.errors import BadRules
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.rule_file import Reading, Written
from warmstation_server.alerts.words import TITLES, unheard_of

_DEFAULTS = "default_rules.toml"

RuleOf = Callable[[str], Rule]
"""The rule for a condition, by its name, at one place."""


class Rules:
    """Finds the rule for a condition in a region. Immutable; remembers what it has merged."""

    def __init__(self, written: Iterable[Written], defaults: Iterable[Written] = ()) -> None:
        self._written = tuple(written)
        self._defaults = tuple(defaults)
        self._found: dict[tuple[str, ...], _Merged] = {}
        self._dangers: dict[str, bool] = {}

    def rule(self, name: str, path: Sequence[str] = ()) -> Rule:
        """The rule for a condition; `path`: region ids from the narrowest to the widest."""
        return self.along(path)(name)

    def along(self, path: Sequence[str] = ()) -> RuleOf:
        """What `rule` says for one path, for whoever asks for every condition of a city."""
        key = tuple(one for one in path if one in self._regions)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _Merged(self, key)
        return found.__getitem__

    @property
    def names(self) -> tuple[str, ...]:
        """Every condition that a table speaks of by its own name."""
        named = {one.row.name for one in (*self._defaults, *self._written)}
        return tuple(sorted(name for name in named if "*" not in name))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is allowed and is probably a slip: names of conditions that nothing ever tells."""
        found = []
        for one in self._written:
            names = [("name", one.row.name), *(("inhibited_by", it) for it in one.row.inhibited_by)]
            for key, name in names:
                said = unheard_of(name)
                if said is not None:
                    found.append(f"{one.at(key)}: rule {one.row.name}: {key}: {said}")
        return tuple(found)

    @cached_property
    def _regions(self) -> frozenset[str]:
        return frozenset(one.row.region for one in self._written if one.row.region is not None)

    def merged(self, name: str, path: Sequence[str]) -> Rule:
        """The tables for a condition laid over each other, anew; `path` as in `rule`."""
        fields: dict[str, Any] = {}
        for one in self._layers(name, path):
            given = one.row.given()
            if one.row.name != name:
                given = self._of_many(name, given, one)
            fields |= given
        return Rule(name, **fields)

    def _of_many(self, name: str, given: dict[str, Any], one: Written) -> dict[str, Any]:
        """What a table for many says of one of them: nothing hides itself, danger stays so."""
        if "inhibited_by" in given:
            others = tuple(above for above in given["inhibited_by"] if above != name)
            given = {**given, "inhibited_by": others}
        if one in self._defaults or not self._is_danger(name):
            return given
        return {key: value for key, value in given.items() if key not in GUARDED}

    def _is_danger(self, name: str) -> bool:
        """Whether it is shipped to be told at once."""
        found = self._dangers.get(name)
        if found is None:
            rows = [one.row for one in self._layers(name, (), of_shipped=True)]
            said = [row.at_once for row in rows if "at_once" in row.model_fields_set]
            found = self._dangers[name] = bool(said) and said[-1]
        return found

    def _layers(
        self, name: str, path: Sequence[str], *, of_shipped: bool = False
    ) -> Iterable[Written]:
        family = f"{name.partition('.')[0]}.*"
        layers = [[one for one in self._defaults if one.row.region is None]]
        if not of_shipped:
            layers += [
                [one for one in self._written if one.row.region == region]
                for region in (None, *reversed(path))
            ]
        for layer in layers:
            for wanted in ("*", family, name):
                yield from (one for one in layer if one.row.name == wanted)

    def mistakes(self, unread: Set[str] = frozenset()) -> list[str]:
        """What only shows when tables are laid over each other; nothing of `unread` keys."""
        found = []
        for one in self._written:
            path = () if one.row.region is None else (one.row.region,)
            for key, other, said in self._clashes(one, path):
                is_here = not one.keys.isdisjoint({key, other})
                if is_here and unread.isdisjoint({key, other}):
                    found.append(f"{one.at(key)}: rule {one.row.name}: {key} {said}")
        return found

    def _clashes(self, one: Written, path: Sequence[str]) -> Iterator[Clash]:
        name = one.row.name
        rule = self.merged(name, path)
        yield from clashes(rule)
        if "*" not in name:  # a table for many may leave the other half to those for one of them
            yield from lacks(rule)
        if self._is_danger(name):
            for key, other, said in delays(rule):
                yield key, other, f"{said}: {name} is danger, and is told at once"
        for each in TITLES.keys() | {name}:
            ring = circle(each, lambda it: self.merged(it, path).inhibited_by)
            if "inhibited_by" in one.keys and len(ring) > 1 and _speaks_of(name, each):
                said = f"makes {' and '.join(sorted(ring))} hide each other: none would be told"
                yield "inhibited_by", "inhibited_by", said
                return


def _speaks_of(pattern: str, name: str) -> bool:
    """Whether a table of this name is for the condition."""
    return pattern in {"*", f"{name.partition('.')[0]}.*", name}


class _Merged(dict[str, Rule]):
    """The rules along one path, each laid together when it is first asked for."""

    def __init__(self, rules: Rules, path: tuple[str, ...]) -> None:
        super().__init__()
        self._rules, self._path = rules, path

    def __missing__(self, name: str) -> Rule:
        found = self[name] = self._rules.merged(name, self._path)
        return found


def shipped() -> Reading:
    """The rules that come with Warmstation."""
    file = resources.files("warmstation_server.alerts") / _DEFAULTS
    return rule_file.parse(file.read_text(encoding="utf-8"), _DEFAULTS)


def load(path: Path | None = None, regions: Collection[str] | None = None) -> Rules:
    """The shipped rules under those of a file; BadRules names file, line and key."""
    return over_shipped(Reading() if path is None else rule_file.read(path, regions))


def over_shipped(own: Reading) -> Rules:
    """The same with what was read; BadRules has every mistake, a line each."""
    found = Rules(own.written, shipped().written)
    if mistakes := [*own.mistakes, *found.mistakes(own.unread)]:
        raise BadRules(rule_file.in_order(mistakes))
    return found
