"""Which messages may tell of a danger: seen in their bytes, before anybody takes them apart. Pure.

Only to let them go first. What they say is found out when they are decoded; a message that is
missed here (escaped letters in its JSON) is told with the next tick, as everything is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmstation_server.intake import Message

_SMOKE = re.compile(rb'"smoke"\s*:\s*true')
_WORDS = (b'"overheat"', b'"overcurrent"', b'.contactor"')


def urgent_among(messages: Sequence[Message]) -> list[Message]:
    """Those that should not wait for what came before them."""
    # All at once first, since nearly always there is none: a third of looking at each.
    together = b"\n".join([one.payload for one in messages])
    if _SMOKE.search(together) is None and not any(word in together for word in _WORDS):
        return []
    return [one for one in messages if is_urgent(one)]


def is_urgent(message: Message) -> bool:
    """Whether its bytes have what `conditions.chargers.dangers` finds in a report."""
    payload = message.payload
    # Plain searches where they will do: one expression for all costs fourfold.
    return any(word in payload for word in _WORDS) or _SMOKE.search(payload) is not None
