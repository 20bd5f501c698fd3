"""Receipts say which numbers are committed, as ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_wire import BadPayload, Receipt, decode


def test_numbers_become_ranges() -> None:
    assert Receipt.of("9f3c", [3, 1, 2, 2, 7]).seqs == ("1-3", "7")


@given(st.sets(st.integers(1, 400), min_size=1, max_size=80))
def test_ranges_hold_exactly_the_numbers_they_were_made_of(seqs: set[int]) -> None:
    receipt = decode(Receipt, Receipt.of("9f3c", seqs).to_json())
    named = [seq for first, last in receipt.bounds() for seq in range(first, last + 1)]
    assert sorted(named) == sorted(seqs)
    assert len(named) == len(set(named))


@pytest.mark.parametrize("seqs", ['["7-3"]', '["0"]', '["1-"]', '["-3"]', "[]", "[7]", '["1,2"]'])
def test_ranges_that_mean_nothing_are_refused(seqs: str) -> None:
    with pytest.raises(BadPayload):
        decode(Receipt, f'{{"v":1,"stream":"9f3c","seqs":{seqs}}}'.encode())
