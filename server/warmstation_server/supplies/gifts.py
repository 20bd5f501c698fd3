"""What became of what a donor gave. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from warmstation_server.supplies.shelf import Batch, Shelf


@dataclass(frozen=True, slots=True)
class Gift:
    """One batch at one station."""

    station: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Donor:
    """All that one donor gave, the newest first. An empty name: nobody was named."""

    name: str
    gifts: tuple[Gift, ...]

    @property
    def given(self) -> int:
        """Pieces in all."""
        return sum(gift.batch.given for gift in self.gifts)

    @property
    def taken(self) -> int:
        """Pieces that reached somebody."""
        return sum(gift.batch.taken for gift in self.gifts)

    @property
    def discarded(self) -> int:
        """Pieces thrown away."""
        return sum(gift.batch.discarded for gift in self.gifts)

    @property
    def left(self) -> int:
        """Pieces that are still there."""
        return sum(gift.batch.left for gift in self.gifts)


def donors(shelves: Iterable[tuple[tuple[str, str], Shelf]]) -> list[Donor]:
    """Every donor by name; what a count found is nobody's gift."""
    gifts: dict[str, list[Gift]] = {}
    for (station, _), shelf in shelves:
        for batch in shelf.batches:
            if not batch.is_found:
                gifts.setdefault(batch.donor, []).append(Gift(station, batch))
    return [
        Donor(name, tuple(sorted(found, key=lambda one: one.batch.at, reverse=True)))
        for name, found in sorted(gifts.items())
    ]
