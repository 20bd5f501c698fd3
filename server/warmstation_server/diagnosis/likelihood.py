"""Log-likelihood ratios of one residual, for the links that sum them."""

from __future__ import annotations

_STEP_LIMIT = 6.0


def ratio(error: float, shift: float, sigma: float) -> float:
    """For "shifted" against "as usual", from one normal residual."""
    return (shift * error - 0.5 * shift * shift) / (sigma * sigma)


def limited(step: float) -> float:
    """No single bin decides alone."""
    return max(-_STEP_LIMIT, min(_STEP_LIMIT, step))
