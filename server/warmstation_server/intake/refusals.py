"""Says in the log what is refused: once for each topic and reason, however often it comes."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from warmstation_server.dead_letters import DeadLetter

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Pairs of topic and reason; someone who makes up topics must not fill the memory or the log."""


class Refusals:
    """What was already told."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def tell(self, letters: Iterable[DeadLetter]) -> None:
        """Log what was not told before."""
        for letter in letters:
            key = (letter.topic, letter.reason)
            if key in self._told or len(self._told) >= REMEMBERED:
                continue
            self._told.add(key)
            log.warning("refused %s: %s: %s", letter.topic, letter.reason, letter.detail)
