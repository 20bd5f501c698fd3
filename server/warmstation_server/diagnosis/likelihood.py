"""Log-likelihood ratios of one residual, for the links that sum them."""

from __future__ import annotations

_STEP_LIMIT = 6.0


def ratio(error: float, shift: float, sigma: float) -> float:
    """For "shifted" against "as usual", from one normal residual."""
    return (shift * error - 0.5 * shift * shift) / (sigma * sigma)


def limited(step: float) -> float:
    """No single bin decides alone."""
    return max(-_STEP_LIMIT, min(_STEP_LIMIT, step))


def clipped_minute(step: float) -> float:
    """Minutes resemble their neighbours: one is worth one at most, and takes back two."""
    return max(-2.0, min(1.0, step))
