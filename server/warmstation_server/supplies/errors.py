"""What can be wrong with an entry."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class BadEntry(ServerError, ValueError):
    """An entry that cannot be true; `key` names the sentence that says why."""

    def __init__(self, key: str, said: str) -> None:
        super().__init__(said)
        self.key = key
