"""Pages that have been rendered, kept until the world changes. One thread uses it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from warmstation_server.publish.documents import Document


class Kept:
    """At most `most` documents, all of one state of the world; the longest unread goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._state: Hashable = None
        self._documents: OrderedDict[Hashable, Document] = OrderedDict()

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, state: Hashable, key: Hashable, render: Callable[[], Document]) -> Document:
        """The document of a key, rendered where it is not kept for this state."""
        if state != self._state:
            self._documents.clear()
            self._state = state
        if key not in self._documents:
            self._documents[key] = render()
            if len(self._documents) > self._most:
                self._documents.popitem(last=False)
        self._documents.move_to_end(key)
        return self._documents[key]
