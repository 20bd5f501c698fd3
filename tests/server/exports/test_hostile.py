"""Names and notes that would be formulas, links or commands: in every file they stay words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from tests.server.usage.test_recorded import NOVEMBER, NOW, ZONE, at
from tests.support.figures import Written, district_of, station
from warmstation_server.exports.csv_file import stations_csv
from warmstation_server.exports.fonts import chinese_fonts
from warmstation_server.exports.paper import paper
from warmstation_server.exports.workbook import workbook
from warmstation_server.places import Region, Text
from warmstation_server.supplies.entry import Entry
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.rollup import Rollup
from warmstation_server.web.words import Words

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\uff1d1+1",
    "\uff20SUM(A1:A9)",
    "https://evil.example/?leak",
    "internal:Sheet1!A1",
    '{=HYPERLINK("x")}',
    '#panic("out") #read("/etc/passwd")',
    "<script>alert(1)</script>",
)


@pytest.fixture(params=HOSTILE)
def answer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Answer]:
    """Figures of a station, a street and a donor of that name."""
    name = str(request.param)
    place = replace(station("aa", "street"), name=Text(name, name))
    regions = {"street": Region("street", Text(name, name), "street")}
    given = Entry("aa", "water", "restock", 9, at(3), "li", donor=name)
    rollup = Rollup(tmp_path / "usage.db", ZONE.key)
    found = district_of(rollup, ZONE, written=Written(ledger=[given])).answer(
        [place], regions, NOVEMBER, NOW, level="street"
    )
    rollup.close()
    return name, found


def test_a_workbook_has_them_as_text(answer: tuple[str, Answer]) -> None:
    name, found = answer
    raw = workbook(found, Words("en"), ZONE, lambda *_: None)
    book: Any = openpyxl.load_workbook(io.BytesIO(raw))
    said = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == name
    ]
    assert {cell.parent.title for cell in said} >= {"Stations", "Supplies"}
    assert {(cell.data_type, cell.hyperlink) for cell in said} == {("s", None)}


def test_a_csv_file_has_no_formula(answer: tuple[str, Answer]) -> None:
    name, found = answer
    text = stations_csv(found, Words("en")).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any(cell.removeprefix("'") == name for cell in cells)
    assert not any(cell.startswith(("=", "+", "@", "\uff1d", "\uff20")) for cell in cells)
    assert not any(cell.startswith("-") and not _is_number(cell) for cell in cells)


def test_paper_runs_no_command(answer: tuple[str, Answer]) -> None:
    name, found = answer
    made = paper(found, Words("en"), name, chinese_fonts())
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    assert name.replace(" ", "")[:8] in text.replace(" ", "").replace("\n", "")
    assert "root:" not in text


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
