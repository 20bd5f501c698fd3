"""What two beams saw, read as people: who passed, and which way. Pure; `people` calls it.

Whatever comes from the street darkens the outer beam first, and clears the inner one last if it
goes on into the room; who turns back ends where they began. So both ends of what was seen tell the
direction, whatever is carried ahead or behind.

How many passed is told by the shadows between. A body that walks through throws the same shadow on
both beams, on one a little later. The shift that makes the two rows of shadows fit is the time
from beam to beam; with it each shadow has a length, and a bag is shorter than a body. Who follows
so closely that one beam or the other is always dark still leaves a gap on each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

APART_M = 0.15
"""Between the beams, where the profile does not say."""
SHORTEST_S = 0.09
"""Nobody's trunk passes a beam in less, not even running: a bag or an arm does."""
BODY_M = 0.17
"""The least depth of a trunk in its coat; a bag beside the hip is thinner."""
STANDS_M = 2.5
"""A longer shadow, by the time from beam to beam, is no walk: somebody stands in the door."""
FITS = 0.7
"""Share of both beams' darkness that has to fit before shadows are taken for people in a row."""
_LAGS_S = (0.03, 1.0)
"""From beam to beam: who runs, and who creeps."""
_MOST = 12
"""Shadows on a beam up to which rows are compared; more are a crowd, or a bag that swings."""


class Shadow(NamedTuple):
    """A beam was dark."""

    since: float
    until: float

    @property
    def lasts_s(self) -> float:
        """How long."""
        return self.until - self.since


Row = Sequence[Shadow]
Rows = tuple[Row, Row]
"""The outer beam's and the inner one's."""


class Passed(NamedTuple):
    """How many came in and went out."""

    entered: int = 0
    left: int = 0


_NOBODY = Passed()


def passed(outer: Row, inner: Row, apart_m: float = APART_M) -> Passed:
    """Who passed while these shadows fell, oldest first on each beam."""
    inward = _direction(outer, inner)
    in_a_row = _in_a_row(outer, inner, inward, apart_m)
    if in_a_row is not None:
        return _went(inward, max(1, in_a_row))
    for before, after in _cuts(outer, inner):
        if _is_cut(before, after, inward, apart_m):
            first, then = passed(*before, apart_m), passed(*after, apart_m)
            return Passed(first.entered + then.entered, first.left + then.left)
    return _went(inward, 1)


def _went(inward: int, people: int) -> Passed:
    if not inward:
        return _NOBODY
    return Passed(people, 0) if inward > 0 else Passed(0, people)


def _is_cut(before: Rows, after: Rows, inward: int, apart_m: float) -> bool:
    """Whether these are two stories, each of them a walk: who stands in the door and sways, with a
    bag or with swinging hands, has told many halves of one. No body turns back without darkening a
    beam all the while: so where nobody seems to have passed, a walk in either part is believed."""
    walks = [_in_a_row(*rows, _direction(*rows), apart_m) for rows in (before, after)]
    return all(walks) if inward else any(walks)


def _direction(outer: Row, inner: Row) -> int:
    """1 into the room, -1 out of it, 0 where nobody went through."""
    if not outer or not inner or max(one.lasts_s for one in (*outer, *inner)) < SHORTEST_S:
        return 0
    began = _sign(inner[0].since - outer[0].since)
    ended = _sign(inner[-1].until - outer[-1].until)
    return _sign(began + ended)


def _in_a_row(outer: Row, inner: Row, inward: int, apart_m: float) -> int | None:
    """How many bodies walked through behind each other; None where the rows do not show a walk."""
    if not inward or len(outer) > _MOST or len(inner) > _MOST:
        return None
    lag_s = _fitting_s(outer, inner, inward)
    if lag_s is None:
        return None
    pace_s_m = lag_s / apart_m
    if max(one.lasts_s for one in (*outer, *inner)) > STANDS_M * pace_s_m:
        return None
    return min(sum(one.lasts_s >= BODY_M * pace_s_m for one in row) for row in (outer, inner))


def _fitting_s(outer: Row, inner: Row, inward: int) -> float | None:
    """The time from beam to beam that makes the rows fit best, None where none does. Of those that
    fit alike it is the shortest of a walk that way: both directions take the same."""
    fits = (
        (round(_fit(outer, inner, lag), 6), lag * inward > 0, -abs(lag))
        for lag in _lags(outer, inner)
    )
    fit, is_that_way, minus_lag_s = max(fits, default=(0.0, False, 0.0))
    return -minus_lag_s if fit >= FITS and is_that_way else None


def _lags(outer: Row, inner: Row) -> Iterator[float]:
    shortest, longest = _LAGS_S
    for one in outer:
        for other in inner:
            for lag in (other.since - one.since, other.until - one.until):
                if shortest <= abs(lag) <= longest:
                    yield lag


def _fit(outer: Row, inner: Row, lag: float) -> float:
    """The share of darkness that both beams have in common once one is shifted by `lag`."""
    common = at = 0.0
    number = 0
    for one in outer:
        while number < len(inner) and inner[number].until <= one.since + lag:
            number += 1
        for other in inner[number:]:
            at = min(one.until + lag, other.until) - max(one.since + lag, other.since)
            if at <= 0:
                break
            common += at
    return 2 * common / sum(one.lasts_s for one in (*outer, *inner))


def _cuts(outer: Row, inner: Row) -> Iterator[tuple[Rows, Rows]]:
    """Both parts before and after each moment at which both beams were clear, the longest first."""
    gaps = []
    dark_until = float("-inf")
    for shadow in sorted((*outer, *inner)):
        if dark_until < shadow.since and dark_until > float("-inf"):
            gaps.append((dark_until - shadow.since, shadow.since))
        dark_until = max(dark_until, shadow.until)
    for _, at in sorted(gaps):
        yield (
            ([one for one in outer if one.since < at], [one for one in inner if one.since < at]),
            ([one for one in outer if one.since >= at], [one for one in inner if one.since >= at]),
        )


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
