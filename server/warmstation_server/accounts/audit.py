"""One line of the audit log. The registry keeps them, and nobody changes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from warmstation_server.accounts.scope import EVERYWHERE, Node

COMMAND_LINE = "command line"
"""Who writes where nobody has signed in: whoever may use the server's own account."""


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


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and when."""

    at: datetime
    by: str = COMMAND_LINE

    @classmethod
    def at_command_line(cls) -> Author:
        """Somebody with a shell, now."""
        return cls(datetime.now(UTC))

    def line(
        self, action: str, subject: str, before: Any = None, after: Any = None, *, place: Node
    ) -> Entry:
        """What they did."""
        return Entry(self.at, self.by, action, subject, before, after, (place,))
