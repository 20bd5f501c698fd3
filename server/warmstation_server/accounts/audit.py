"""One line of the audit log. Pure; the registry keeps them, and nobody changes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warmstation_server.accounts.scope import EVERYWHERE, Node


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what, when: `before` and `after` are JSON values, None where there was nothing.

    `action`: dotted, like `supply.restocked`. `subject`: what it was done to. `places`: who sees
    all of them sees the line; by default only those who see everything.
    """

    at: datetime
    by: str
    action: str
    subject: str
    before: Any = None
    after: Any = None
    places: tuple[Node, ...] = (EVERYWHERE,)
    number: int | None = None
