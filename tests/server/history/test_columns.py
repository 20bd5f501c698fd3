"""Rows as columns: exactly what went in comes out, whatever was seen before."""

from __future__ import annotations

import math
import struct
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.history import columns
from warmstation_server.history.codec import HEADER
from warmstation_server.history.columns import packed, unpacked

_sensed = st.integers(-3_000, 30_000).flatmap(
    lambda n: st.sampled_from([float(n), n / 10, n / 100, n / 1000, n / 7])
)
_values = st.one_of(_sensed, st.just(math.nan), st.floats(-1e12, 1e12))


def _row(number: int, value: float) -> bytes:
    return struct.pack(f"={len(HEADER)}qd", 0, 1, 2, number, 1_000_000 * number, 5, value)


def _back(values: list[float]) -> list[float]:
    rows = [_row(number, value) for number, value in enumerate(values, start=1)]
    return list(unpacked(packed(rows), len(rows))[-1])


@given(st.lists(_values, min_size=1, max_size=60))
def test_every_value_comes_back(values: list[float]) -> None:
    for was, now in zip(values, _back(values), strict=True):
        assert now == was or (math.isnan(now) and math.isnan(was))


def test_one_value_of_a_finer_scale_keeps_all_exact() -> None:
    values = [20.0, 20.1, 20.0, 20.15, 20.2, 20.0]

    assert _back(values) == values


def test_what_is_kept_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_MOST_WHOLES", 100)
    for wholes in columns._WHOLES:
        wholes.clear()  # of what other tests left there
    number = count()

    for _ in range(50):
        values = [next(number) / 10 for _ in range(48)]
        assert _back(values) == values

    assert all(len(wholes) <= 100 for wholes in columns._WHOLES)
