"""Judges the one-sensor detector on a labelled recording that lies beside the checkout.

    python -m tests.bench.heating_single RECORDING.csv LABELS.json KEY

Prints windows hit, false alarms a month of 30 days, and a score after the Numenta benchmark's
standard profile: an early hit in a window gives up to +1, a missed window -1, a false alarm
-0.11 times how far it is from the window before; 100 = every window hit at its start.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import datetime
from pathlib import Path

from warmstation_server.diagnosis.single import surprises


def main(recording: str, labels: str, key: str) -> None:
    """Prints one JSON line."""
    lines = Path(recording).read_text(encoding="utf-8").splitlines()
    windows = [
        (_at(start), _at(end))
        for start, end in json.loads(Path(labels).read_text(encoding="utf-8"))["windows"][key]
    ]
    times = [_at(found.label) for found in surprises(lines)]
    stamps = [_at(line.split(",")[0]) for line in lines[1:]]
    hits = [min((t for t in times if a <= t <= b), default=None) for a, b in windows]
    false = [t for t in times if not any(a <= t <= b for a, b in windows)]
    months = (max(stamps) - min(stamps)) / (30.0 * 86400.0)
    score = sum(_worth(hit, window) for hit, window in zip(hits, windows, strict=True))
    score -= sum(_cost(t, windows) for t in false)
    worst, best = -float(len(windows)), len(windows) * _sigmoid(-1.0)
    print(
        json.dumps(
            {
                "windows": len(windows),
                "hit": sum(hit is not None for hit in hits),
                "false_alarms": len(false),
                "false_alarms_a_month": round(len(false) / months, 2),
                "score": round(100.0 * (score - worst) / (best - worst), 1),
            }
        )
    )


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _sigmoid(place: float) -> float:
    """Numenta's scaled sigmoid: -1 at the window's start, 0 at its end."""
    return 2.0 / (1.0 + math.exp(5.0 * place)) - 1.0


def _worth(hit: float | None, window: tuple[float, float]) -> float:
    return -1.0 if hit is None else _sigmoid((hit - window[1]) / (window[1] - window[0]))


def _cost(at: float, windows: list[tuple[float, float]]) -> float:
    before = [(at - b) / (b - a) for a, b in windows if b < at]
    return 0.11 * (1.0 if not before else -_sigmoid(min(*before, 3.0)))


if __name__ == "__main__":
    main(*sys.argv[1:4])
