from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sheets import HEADER, ROW, workbook
from warmstation_server.registry import BadFile, BadPlace, Columns, Registry, read
from warmstation_server.registry.imports import sheet


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF", "can be imported"),
        ("a.csv", b"", "no column for the id"),
        ("a.csv", b"\xff\xff\xfe" * 5, "neither UTF-8 nor GB18030"),
        ("a.csv", b"id,name\0\n", "NUL"),
        ("a.csv", b'id,name\n"' + b"x" * 200_000, "not a CSV"),
        ("a.csv", b"name,lat\nx,1\n", "no column for the id"),
        ("a.toml", b"= 3", "not TOML"),
        ("a.toml", b"[[station]]\nid = 'x'", "'station' is not known"),
        ("a.toml", b"stations = 3", "must be written as"),
        ("a.toml", b"[stations]\nid = 'x'", "must be written as"),
        ("a.xlsx", b"PK\x03\x04broken", "not an XLSX workbook"),
        ("a.xlsx", b"id,name\n", "not an XLSX workbook"),
        ("a.xlsx", workbook(a=[["nothing", "here"]]), "no sheet has a column for the id"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    take: Any, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(BadFile, match=said) as caught:
        take(name, content)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("a.")


def test_a_table_is_read_to_its_end_or_not_at_all() -> None:
    table = [HEADER.split(","), ROW.split(","), ROW.split(",")]
    found = sheet.read("a.csv", None, table, Columns(), most=3)
    assert found is not None
    assert [one.place.row for one in found.rows] == [2, 3]
    with pytest.raises(BadFile, match=r"a\.csv: has more than 2 rows"):
        sheet.read("a.csv", None, table, Columns(), most=2)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read(tmp_path / "none.csv")


@pytest.mark.parametrize("text", ["id", "=x", "id=", "size=3", "id=a,size=b"])
def test_a_mapping_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadFile, match="--map"):
        Columns.parse([text], [])


GOOD = workbook(s=[HEADER.split(","), ROW.split(",")])


ANYWHERE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@ANYWHERE
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_is_a_sentence_or_rows(take: Any, at: int, noise: bytes) -> None:
    try:
        take("s.xlsx", GOOD[:at] + noise + GOOD[at + len(noise) :], dry_run=True)
    except BadFile as error:
        assert "\n" not in str(error)  # noqa: PT017 - rows are as good


@ANYWHERE
@given(st.lists(st.lists(st.text(max_size=8), max_size=9), max_size=5))
def test_any_table_under_a_good_header_is_judged(take: Any, rows: list[list[str]]) -> None:
    text = "\n".join([HEADER, ROW, *(",".join(cells) for cells in rows)])
    try:
        outcome = take("s.csv", text.encode("utf-8", "replace"), dry_run=True)
    except BadFile as error:
        assert "\n" not in str(error)  # noqa: PT017 - quotes and NULs may break a table
    else:
        assert "ks-a" in outcome.stations.added


@ANYWHERE
@given(
    st.dictionaries(
        st.sampled_from([*HEADER.split(","), "donors", "facilities", "zone", "coordinates"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=9),
            st.lists(st.one_of(st.text(max_size=3), st.lists(st.integers(), max_size=1))),
            st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        ),
    )
)
def test_any_values_are_taken_or_refused(registry: Registry, values: dict[str, Any]) -> None:
    try:
        registry.add({"id": "ks-z"} | values)
    except BadPlace:
        return
    assert registry.stations()
