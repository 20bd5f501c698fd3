"""The stencils that fit what comes: one for each form in which stations write their reports.

To cut one takes as long as to read some hundred reports, and a form that never comes again is not
worth one. So looking for stencils and cutting them is paid for by what was read before.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from warmstation_server.history.codec import Flat
from warmstation_server.intake.cutting import cut
from warmstation_server.intake.known import Known
from warmstation_server.intake.stencil import Identity, Owner, Stencil

MAX_STENCILS, MAX_TOPICS = 500, 300_000
_CUTTING, _LOOKING = 1_000, 10
_FITTED, _PARSED = 10, 1
"""What the purse pays, and what each report adds to it."""
_FULL = 50 * _CUTTING
_VALUE = re.compile(
    rb'":(?:-?[0-9][0-9.]*|true|false)'
    rb'|"(?:station|stream|measured_at|clock|heating|contactor|state)":"[^"]*"'
)


_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


class _Own(NamedTuple):
    """How a station writes; `texts` of its reports, which all of this form share."""

    stencil: Stencil
    owner: Owner
    texts: tuple[Any, ...]


class Stencils:
    """For one thread. `most`: forms that are known at a time."""

    def __init__(self, most: int = MAX_STENCILS) -> None:
        self._most = most
        self._by_topic: dict[str, _Own] = {}
        self._by_form: dict[bytes, Stencil | None] = {}
        self._known = Known()
        self._purse = _FULL

    @property
    def count(self) -> int:
        """How many forms are known."""
        return len(self._by_form)

    def read(self, topic: str, payload: bytes) -> tuple[Identity, Flat] | None:
        """What a station's report says; None where the contract's own way has to read it."""
        own = self._by_topic.get(topic)
        read = None if own is None else own.stencil.read(payload, own.owner)
        if self._purse < _FULL:
            self._purse += _PARSED if read is None else _FITTED
        if own is None or read is None:
            return None
        identity, values = read
        return identity, _new(Flat, (own.texts, values))

    def learn(self, topic: str, payload: bytes, flat: Flat) -> None:
        """A report that `read` did not know, and what it says: the next one may fit."""
        if self._purse < _LOOKING:
            return
        self._purse -= _LOOKING
        form = _VALUE.sub(b"", payload)
        if form not in self._by_form:
            if self._purse < _CUTTING:
                return
            self._purse -= _CUTTING
            if len(self._by_form) >= self._most:
                self._by_form.clear()
                self._by_topic.clear()
                self._known = Known()
            self._by_form[form] = cut(payload, flat, self._known)
        stencil = self._by_form[form]
        owner = None if stencil is None else stencil.owner(payload)
        if stencil is None or owner is None:
            return
        if topic in self._by_topic or len(self._by_topic) < MAX_TOPICS:
            self._by_topic[topic] = _Own(stencil, owner, flat.texts)
