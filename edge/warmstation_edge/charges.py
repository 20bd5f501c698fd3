"""Charges that outlive the agent: when they are kept, and what is made of them at the next start.

The limit of a charge is the bike's, not the agent's: a restart, a crash or a power cut must not
begin it anew. What is kept is how long each charge has lasted, not when it began: a Pi without a
battery does not know what time it was. Pure; `agent` decides by it, `outbox` keeps the text.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import replace

from warmstation_edge.charging import Charge, Trip

_log = logging.getLogger(__name__)
KEEP_S = 300.0
"""So often the length of a charge is written: a few hundred small writes a day. What lies between
two of them counts as charged where a power cut has swallowed it."""
RETRY_S = 60.0
"""So long a card that refused to remember them is left alone."""


class Keeping:
    """Remembers what was kept last, and says when it is time again."""

    def __init__(self) -> None:
        self._kept: dict[str, Charge] = {}
        self._kept_at = 0.0
        self._retry_at: float | None = None

    def is_due(self, charges: Mapping[str, Charge], now: float, are_held: bool = True) -> bool:
        """Whether something has begun, ended or been latched, or has lasted on for long enough;
        or the card has lost what it was given (`are_held`), or refused it a while ago."""
        if self._retry_at is not None:
            return now >= self._retry_at
        if not are_held:
            return True
        if {name: _kind(one) for name, one in charges.items()} != {
            name: _kind(one) for name, one in self._kept.items()
        }:
            return True
        is_charging = any(one.is_under_way for one in charges.values())
        return is_charging and now - self._kept_at >= KEEP_S

    def tried(self, charges: Mapping[str, Charge], now: float, is_kept: bool = True) -> None:
        """They have been kept, or the card has refused them."""
        if is_kept:
            self._kept, self._kept_at, self._retry_at = dict(charges), now, None
        else:
            self._retry_at = now + RETRY_S


def kept_text(charges: Mapping[str, Charge], boot: str, now: float) -> str:
    """What goes onto the card; `now` in seconds of this boot."""
    points = {
        name: [round(one.lasted_s, 1), one.is_under_way, one.trip]
        for name, one in charges.items()
        if one != Charge()
    }
    return json.dumps({"boot": boot, "at": round(now, 1), "points": points})


def recalled(text: str, boot: str, now: float) -> dict[str, Charge] | None:
    """What that text means at a start. Within one boot the contactor may have stayed closed since
    then; a power cut has opened it, but not before the next text was due. None: it says nothing."""
    try:
        kept = json.loads(text)
        points = {
            name: Charge(_seconds(lasted_s), bool(under_way), None if trip is None else Trip(trip))
            for name, (lasted_s, under_way, trip) in kept["points"].items()
        }
        gone_s = max(0.0, now - _seconds(kept["at"])) if kept["boot"] == boot else KEEP_S
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("what was kept of charges cannot be read: %s", error)
        return None
    return {
        name: replace(one, lasted_s=one.lasted_s + gone_s if one.is_under_way else one.lasted_s)
        for name, one in points.items()
    }


def _seconds(given: object) -> float:
    """A NaN would make a charge without an end."""
    seconds = float(str(given))
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{given} is no time")
    return seconds


def _kind(charge: Charge) -> tuple[bool, Trip | None, bool]:
    is_interrupted = not charge.is_under_way and charge.lasted_s > 0
    return charge.is_under_way, charge.trip, is_interrupted
