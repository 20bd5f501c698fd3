"""Whether a condition is wrong under a rule, with hysteresis both ways. Pure."""

from __future__ import annotations

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.rule import Rule


def is_wrong(rule: Rule, condition: Condition, *, before: bool) -> bool | None:
    """True wrong, False fine, None nobody can tell; `before` holds between the two limits.

    Where a rule has limits and the condition a value, the value alone decides.
    """
    if condition.holds is None:
        return None
    if condition.value is not None and _has_limits(rule):
        wrong = _by_value(rule, condition.value, before=before)
    else:
        wrong = condition.holds
    if wrong and condition.confidence < rule.min_confidence:
        return before or None
    return wrong


def begins(rule: Rule, condition: Condition) -> bool:
    """Whether it makes an alert where there is none; most of what is heard does not."""
    if not condition.holds and (condition.value is None or not _has_limits(rule)):
        return False
    return is_wrong(rule, condition, before=False) is True


def _has_limits(rule: Rule) -> bool:
    return rule.raise_above is not None or rule.raise_below is not None


def _by_value(rule: Rule, value: float, *, before: bool) -> bool:
    if rule.raise_above is not None:
        clear = rule.raise_above if rule.clear_below is None else rule.clear_below
        return value > rule.raise_above or (before and value >= clear)
    raised = rule.raise_below
    if raised is None:
        return before
    clear = raised if rule.clear_above is None else rule.clear_above
    return value < raised or (before and value <= clear)
