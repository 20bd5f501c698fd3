"""What contradicts itself in a rule, its tables laid over each other. For `rules` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from warmstation_server.alerts.rule import TIERS, Rule

Clash = tuple[str, str, str]
"""Two keys that contradict each other, and how the first is wrong."""
GUARDED = (
    "pending_for",
    "min_confidence",
    "severity",
    "severity_closed",
    "page",
    "at_once",
    "inhibited_by",
)
"""What makes danger be told at once. A table for many, such as `*`, does not mean danger."""


def clashes(rule: Rule) -> Iterator[Clash]:
    """Two keys that contradict each other, and how the first is wrong."""
    above, below = rule.raise_above, rule.raise_below
    if above is not None and below is not None:
        yield "raise_below", "raise_above", "and raise_above cannot both be there"
    if above is not None and rule.clear_below is not None and rule.clear_below > above:
        yield "clear_below", "raise_above", f"must be at most raise_above ({above:g})"
    if below is not None and rule.clear_above is not None and rule.clear_above < below:
        yield "clear_above", "raise_below", f"must be at least raise_below ({below:g})"
    if rule.at_once and rule.inhibited_by:
        said = "must be empty where at_once is true: it hides behind nothing"
        yield "inhibited_by", "at_once", said
    if rule.name in rule.inhibited_by:
        yield "inhibited_by", "inhibited_by", "must not name the rule itself"
    if rule.escalate and TIERS.index(rule.escalate[0].to) <= TIERS.index(rule.owner):
        yield "escalate", "owner", f"must go to a wider tier than its owner ({rule.owner})"


def lacks(rule: Rule) -> Iterator[Clash]:
    """A key that says nothing without another one."""
    if rule.clear_below is not None and rule.raise_above is None:
        yield "clear_below", "raise_above", "needs raise_above"
    if rule.clear_above is not None and rule.raise_below is None:
        yield "clear_above", "raise_below", "needs raise_below"


def delays(rule: Rule) -> Iterator[Clash]:
    """How a rule for danger would be told later than at once, less gravely, or not at all."""
    if rule.pending_for > timedelta(0):
        yield "for", "for", "must not be there"
    if rule.min_confidence > 0:
        yield "min_confidence", "min_confidence", "must be 0"
    if rule.severity != "critical":
        yield "severity", "severity", 'must be "critical"'
    if rule.severity_closed not in {None, "critical"}:
        yield "severity_closed", "severity_closed", 'must be "critical"'
    if rule.page != "always":
        yield "page", "page", 'must be "always"'
    if not rule.at_once:
        yield "at_once", "at_once", "must be true"


def circle(name: str, hidden_by: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """Conditions from this one that hide each other in a ring: all firing, none would be told."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for above in hidden_by(way[-1]):
            if above == name:
                return way
            if above not in seen:
                seen.add(above)
                ways.append((*way, above))
    return ()
