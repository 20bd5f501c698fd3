"""Log-likelihood ratios of one residual, for the links that sum them.

Comparisons instead of `min` and `max`: these lines run for every minute of every station, and a
call costs more than all the arithmetic.
"""

from __future__ import annotations

_STEP_LIMIT = 6.0


def within(value: float, bound: float) -> float:
    """The value, clipped to plus or minus a bound."""
    if value > bound:
        return bound
    if value < -bound:
        return -bound
    return value


def ratio(error: float, shift: float, sigma: float) -> float:
    """For "shifted" against "as usual", from one normal residual."""
    return (shift * error - 0.5 * shift * shift) / (sigma * sigma)


def against(error: float, usual: float, broken: float, variance: float) -> float:
    """For one expected error against another, from one normal residual, a minute's worth."""
    return clipped_minute(((error - usual) ** 2 - (error - broken) ** 2) / (2.0 * variance))


def limited(step: float) -> float:
    """No single bin decides alone."""
    return within(step, _STEP_LIMIT)


def clipped_minute(step: float) -> float:
    """Minutes resemble their neighbours: one is worth one at most, and takes back two."""
    if step > 1.0:
        return 1.0
    return -2.0 if step < -2.0 else step  # noqa: FURB136 the hot line
