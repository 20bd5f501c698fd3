"""A step of a commissioning: what is asked, how it is judged, what the cause may be. Pure.

A judgement is made anew after each turn from what has been measured since the question: a Finding,
or None while the answer is still open. Where the time runs out, `cause` says what to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from warmstation_edge.measurement import Measurement


class Language(StrEnum):
    """What the doctor speaks."""

    CHINESE = "zh"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """In one of them."""
        return self.zh if language is Language.CHINESE else self.en

    def filled(self, **names: object) -> Words:
        """With these names in their places."""
        return Words(self.zh.format(**names), self.en.format(**names))


@dataclass(frozen=True, slots=True)
class Change:
    """A value to be written into the profile: table, key, value."""

    table: str
    key: str
    value: float | int


@dataclass(frozen=True, slots=True)
class Finding:
    """Passed or not, with the likely cause, and what the profile should say instead."""

    passed: bool
    cause: Words | None = None
    changes: tuple[Change, ...] = ()


Seen = Sequence[Measurement]
"""What was measured since the question, oldest first; never empty."""


@dataclass(frozen=True, slots=True)
class Step:
    """`asked` None: it needs nobody. `live`: the value to show while it is waited for.

    `act` is called after each turn, where the station itself has to do something. `is_by_eye`: only
    the installer can tell, and says yes by the key that else skips.
    """

    name: str
    judge: Callable[[Seen], Finding | None]
    cause: Callable[[Seen], Words]
    live: Callable[[Measurement], str]
    asked: Words | None = None
    within_s: float = 60.0
    act: Callable[[Seen], object] | None = None
    is_by_eye: bool = False


PASSED = Finding(passed=True)


def failed(cause: Words) -> Finding:
    """Not passed, because of this."""
    return Finding(passed=False, cause=cause)
