"""How little is still usual at the outlet; for `outlet` only."""

from __future__ import annotations


def lower_quartile(
    low_k: float, heat_k: float, typical_k: float, called_min: float, length_min: float
) -> float:
    """The lower quartile of the heat under call after one more minute, a step at a time."""
    low_k = low_k or max(0.0, heat_k)
    step = max(0.005, 1.0 / (1.0 + called_min)) * max(0.5, typical_k) * length_min
    low = low_k + step * (0.25 if heat_k > low_k else -0.75)
    return max(0.1, min(low, max(heat_k, typical_k)))
