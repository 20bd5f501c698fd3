"""Figures of what rules and people wrote down: alerts answered, supplies used. Pure.

They stand beside those of the sums, with the same comparisons; their names and definitions are in
the catalogues too. Coverage: the share of alerts that a median is of; the ledger knows no other.
"""

from __future__ import annotations

from collections.abc import Iterable

from warmstation_server.usage.metric import BY_KEY, Figure, Metric
from warmstation_server.usage.response import Response
from warmstation_server.usage.sums import Sums
from warmstation_server.usage.supplied import Consumed


def _elsewhere(_: Sums) -> tuple[float, float]:
    """They are not in the sums."""
    return 0.0, 0.0


ALERTS = Metric("alerts", "count", _elsewhere, _elsewhere, -1, 0)
ACK = Metric("ack_min", "minutes", _elsewhere, _elsewhere, -1)
FIX = Metric("fix_min", "minutes", _elsewhere, _elsewhere, -1)
ACK_WITHIN = Metric("ack_within", "share", _elsewhere, _elsewhere, 1, goal=0.9)
FIX_WITHIN = Metric("fix_within", "share", _elsewhere, _elsewhere, 1, goal=0.9)
USED = Metric("used", "count", _elsewhere, _elsewhere, 0, 0)
PER_100 = Metric("used_per_100", "count", _elsewhere, _elsewhere, 0)
EXPIRED = Metric("expired", "count", _elsewhere, _elsewhere, -1, 0)
ANSWERED = (ALERTS, ACK, FIX, ACK_WITHIN, FIX_WITHIN)
"""These are known of each station; the others of all together."""
RECORDED = (*ANSWERED, USED, PER_100, EXPIRED)
RANKED = BY_KEY | {one.key: one for one in ANSWERED}
"""What stations can be compared by."""


def answered(found: Response, sums: Sums) -> dict[str, Figure]:
    """How alerts were answered. Where nobody reports, no alert is no good news: unknown."""
    whole = found.alerts
    heard = min(1.0, sums.measured_ms / sums.elapsed_ms) if sums.elapsed_ms else None
    share = {ACK: found.acknowledged, FIX: found.resolved}
    values = {
        ALERTS: whole if found.is_known and (whole or heard) else None,
        ACK: found.ack_min,
        FIX: found.fix_min,
        ACK_WITHIN: found.ack_within,
        FIX_WITHIN: found.fix_within,
    }
    covered = {ALERTS: heard} | {
        one: share.get(one, whole) / whole if whole else None for one in ANSWERED[1:]
    }
    return {one.key: Figure(one, values[one], covered[one]) for one in ANSWERED}


def consumed(items: Iterable[Consumed], sums: Sums) -> dict[str, Figure]:
    """Pieces of all items together; unknown where nobody keeps a ledger."""
    found = list(items)
    used = sum(one.used for one in found) if found else None
    expired = sum(one.expired for one in found) if found else None
    per_100 = None if used is None or not sums.visits else 100 * used / sums.visits
    counted = min(1.0, sums.counter_ms / sums.elapsed_ms) if sums.elapsed_ms else None
    return {
        USED.key: Figure(USED, used, None),
        PER_100.key: Figure(PER_100, per_100, counted),
        EXPIRED.key: Figure(EXPIRED, expired, None),
    }
