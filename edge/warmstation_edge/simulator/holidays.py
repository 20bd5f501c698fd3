"""Public holidays and make-up workdays of China, as far as the simulated posted hours need them.

Source: the State Council's yearly notices on holiday arrangements. A year that is not listed has
none here, so a simulated station then keeps its weekday hours.
"""

from __future__ import annotations

from datetime import date, timedelta

_SPANS: tuple[tuple[date, int], ...] = (
    (date(2026, 1, 1), 3),
    (date(2026, 2, 15), 9),
    (date(2026, 4, 4), 3),
    (date(2026, 5, 1), 5),
    (date(2026, 6, 19), 3),
    (date(2026, 9, 25), 3),
    (date(2026, 10, 1), 7),
    (date(2027, 1, 1), 1),
)
HOLIDAYS: frozenset[date] = frozenset(
    first + timedelta(days=offset) for first, days in _SPANS for offset in range(days)
)
MAKE_UP_WORKDAYS: frozenset[date] = frozenset(
    date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
)
