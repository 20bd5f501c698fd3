"""Which messages may tell of a danger: seen in their bytes, before anybody takes them apart. Pure.

Only to let them go first. What they say is found out when they are decoded; a message that is
missed here (escaped letters in its JSON) is told with the next tick, as everything is.
"""

from __future__ import annotations

import re

from warmstation_server.intake import Message

_DANGER = re.compile(rb'"smoke"\s*:\s*true|"over(?:heat|current)"|\.contactor"')
"""What `conditions.chargers.dangers` finds in a report."""


def is_urgent(message: Message) -> bool:
    """Whether it should not wait for what came before it."""
    return _DANGER.search(message.payload) is not None
