"""Many sums in one integer, and rows of them added up without cutting them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.usage.lanes import lanes, number, packed, rows, table, whole

ROW = st.lists(st.integers(0, 2**50), min_size=3, max_size=3)


@given(st.lists(ROW, max_size=9), st.sets(st.integers(0, 12)))
def test_rows_added_up_are_what_they_are_one_by_one(found: list[list[int]], some: set[int]) -> None:
    total = number(table({n: packed(row) for n, row in enumerate(found)}, 3))
    wanted = sorted(some)
    assert rows(total, 3, wanted) == [
        number(packed(found[n])) if n < len(found) else 0 for n in wanted
    ]
    assert whole(total, 3, wanted) == sum(rows(total, 3, wanted))
    everything = [sum(column) for column in zip(*found, strict=True)] or [0, 0, 0]
    assert list(lanes(whole(total, 3, range(12)), 3)) == everything


def test_a_sum_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        packed([1, -1])
