"""A stream as runs of reports: which `seq` are known, and what their neighbours change in usage.

Pure. A stream that loses nothing is one run. A late report is put between two runs: what stood
between them is taken away, what stands now is added. No stored report is read for that.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from warmstation_server.history.usage import (
    Buckets,
    Facts,
    Shown,
    add_next,
    add_report,
    add_rise,
    add_stand,
    risen,
)


@dataclass(slots=True)
class Run:
    """Reports first..last of a stream with none missing between, as its neighbours see it.

    `received_ms`: when its first report came. `head`: each counter's first value and when that
    was measured. `tail`: its last value. `facts`: of the last report.
    """

    first: int
    last: int
    received_ms: int
    head_ms: int
    head: dict[str, tuple[float, int]]
    facts: Facts
    tail: dict[str, float]
    shown: Shown | None = None
    """Of the last report, where that is known: what did not change since needs no look."""

    @classmethod
    def of(cls, seq: int, facts: Facts, shown: Shown, received_ms: int) -> Run:
        """A run of one report."""
        at = facts.at_ms
        tail = {key: value for key, value in zip(*shown, strict=True) if value == value}
        head = {key: (value, at) for key, value in tail.items()}
        return cls(seq, seq, received_ms, at, head, facts, tail, shown)


class Stream:
    """The runs of one stream, rising by seq."""

    def __init__(self, number: int, runs: list[Run] | None = None) -> None:
        self.number = number
        self.runs = runs or []
        self.changed: dict[int, Run | None] = {}
        """By first seq: what differs from the stored runs; None = no longer there."""

    def knows(self, seq: int) -> bool:
        """Whether this report is here already."""
        runs = self.runs
        if not runs or seq > runs[-1].last:
            return False
        i = self._before(seq)
        return i >= 0 and seq <= runs[i].last

    def insert(
        self,
        seq: int,
        facts: Facts,
        shown: Shown,
        received_ms: int,
        buckets: Buckets,
    ) -> None:
        """Take in a report that is not known yet; `buckets` gets what it changes."""
        runs = self.runs
        if runs and seq == runs[-1].last + 1:
            self._extend(runs[-1], seq, facts, shown, buckets)
            return
        add_report(buckets, facts)
        i = self._before(seq) + 1
        new = Run.of(seq, facts, shown, received_ms)
        self._reseam(i, new, buckets)
        runs.insert(i, new)
        self.changed[seq] = new
        self._join(i)
        self._join(i - 1)

    def _extend(self, run: Run, seq: int, facts: Facts, shown: Shown, buckets: Buckets) -> None:
        """The usual case: the next report in order."""
        add_next(buckets, run.facts, facts)
        tail = run.tail
        for key, value in _changed(run.shown, shown):
            was = tail.get(key)
            if value == was or value != value:
                continue
            if was is None:
                was = self._shown_before(key, len(self.runs) - 1)
                run.head[key] = (value, facts.at_ms)
            if was is not None:
                add_rise(buckets, key, facts.at_ms, risen(key, was, value))
            tail[key] = value
        run.last, run.facts, run.shown = seq, facts, shown
        self.changed[run.first] = run

    def _reseam(self, i: int, new: Run, buckets: Buckets) -> None:
        """Put `new` between the runs i-1 and i: durations first, then each counter's rise."""
        left = self.runs[i - 1] if i else None
        right = self.runs[i] if i < len(self.runs) else None
        if left and right:
            add_stand(buckets, left.facts, right.head_ms, -1)
        if left:
            add_stand(buckets, left.facts, new.head_ms)
        if right:
            add_stand(buckets, new.facts, right.head_ms)
        for key, value in new.tail.items():
            was = self._shown_before(key, i)
            base = 0 if new.first == 1 else was
            if base is not None:
                add_rise(buckets, key, new.head_ms, risen(key, base, value))
            later = self._shown_after(key, i)
            if later is not None:
                next_value, next_ms = later
                counted = 0 if was is None else risen(key, was, next_value)
                add_rise(buckets, key, next_ms, risen(key, value, next_value) - counted)

    def _shown_before(self, key: str, i: int) -> float | None:
        return next((r.tail[key] for r in reversed(self.runs[:i]) if key in r.tail), None)

    def _shown_after(self, key: str, i: int) -> tuple[float, int] | None:
        return next((r.head[key] for r in self.runs[i:] if key in r.head), None)

    def _join(self, i: int) -> None:
        """Make one run of i and i+1 where nothing is missing between them."""
        if i < 0 or i + 1 >= len(self.runs):
            return
        left, right = self.runs[i], self.runs[i + 1]
        if left.last + 1 != right.first:
            return
        left.last, left.facts, left.shown = right.last, right.facts, right.shown
        left.head = right.head | left.head
        left.tail = left.tail | right.tail
        del self.runs[i + 1]
        self.changed[right.first] = None
        self.changed[left.first] = left

    def _before(self, seq: int) -> int:
        """Index of the last run that begins at or before `seq`, -1 where there is none."""
        return bisect_right(self.runs, seq, key=_first) - 1

    def forget_gaps(self, before_ms: int) -> None:
        """Close the gaps that were seen before a moment: what fills them would be forgotten too.

        Else each power cut (`seq` is reserved in blocks) would leave a run behind for good.
        """
        while len(self.runs) > 1 and self.runs[1].received_ms < before_ms:
            self.runs[0].last = self.runs[1].first - 1
            self._join(0)


def _changed(before: Shown | None, now: Shown) -> Iterable[tuple[str, float]]:
    """Counters that may stand elsewhere than in the report before."""
    keys, values = now
    if before is None or before[0] is not keys:
        return zip(keys, values, strict=True)
    if before[1] == values:
        return ()
    pairs = zip(keys, values, before[1])  # noqa: B905 - as long by construction, and hot
    return [(key, value) for key, value, was in pairs if value != was]


def _first(run: Run) -> int:
    return run.first


def to_text(run: Run) -> str:
    """A run's facts and counters for storing."""
    state = [run.received_ms, run.head_ms, run.head, run.facts, run.tail]
    return json.dumps(state, separators=(",", ":"))


def from_text(first: int, last: int, text: str) -> Run:
    """What `to_text` gave."""
    received_ms, head_ms, head, facts, tail = json.loads(text)
    pairs = {key: (value, at_ms) for key, (value, at_ms) in head.items()}
    return Run(first, last, received_ms, head_ms, pairs, Facts(*facts), tail)


Ends = list[tuple[int, Facts]]
"""Of each stream: when its first report was measured, and what its newest one says."""


def open_ends(streams: Iterable[Stream]) -> Ends:
    """As they are now; nobody changes them later."""
    return [(one.runs[0].head_ms, one.runs[-1].facts) for one in streams if one.runs]


def add_open_ends(buckets: Buckets, ends: Ends) -> None:
    """The newest report of each stream stands for HOLD, or until another stream begins."""
    for place, (_, facts) in enumerate(ends):
        others = (begin for at, (begin, _) in enumerate(ends) if at != place)
        later = (begin for begin in others if begin > facts.at_ms)
        add_stand(buckets, facts, min(later, default=None))
