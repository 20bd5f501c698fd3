"""A month that was taken away pins the audit log that its promises and places were read from."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from tests.server.cli.test_stations import Terminal, add
from tests.support.places import REGIONS
from warmstation_server.registry import dumps

SPAN = ("--from", "2026-10-01", "--to", "2026-10-31")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    regions = terminal.file("regions.toml", dumps(REGIONS, []))
    assert terminal.run("station", "import", regions).exit_code == 0
    assert add(terminal).exit_code == 0
    return terminal


def taken(terminal: Terminal, form: str) -> bytes:
    path = terminal.directory / f"october.{form}"
    result = terminal.run("export", form, *SPAN, "--out", str(path))
    assert result.exit_code == 0, result.stderr
    return path.read_bytes()


def seal_of(terminal: Terminal) -> str:
    book: Any = openpyxl.load_workbook(io.BytesIO(taken(terminal, "xlsx")))
    notes = dict(book.worksheets[-1].iter_rows(max_col=2, values_only=True))
    (seal,) = re.findall(r"\d+:[0-9a-f]{64}", notes["操作记录"])
    return str(seal)


def test_the_workbook_bears_a_seal_that_the_log_is_checked_with(terminal: Terminal) -> None:
    seal = seal_of(terminal)
    assert terminal.run("station", "change", "ks-a", "--set", "capacity=40").exit_code == 0
    assert seal_of(terminal) != seal
    assert terminal.run("audit", "check", "--noted", seal).exit_code == 0
    with closing(sqlite3.connect(terminal.directory / "data" / "registry.db")) as file:
        for (name,) in file.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'"
        ).fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE audit_log SET subject = 'ks-x' WHERE subject = 'ks-a'")
        file.commit()
    assert terminal.run("audit", "check", "--noted", seal).exit_code == 1


def test_so_does_the_paper_and_tables_for_programs_stay_the_same(terminal: Terminal) -> None:
    seal, table = seal_of(terminal), taken(terminal, "csv")
    pages = pypdf.PdfReader(io.BytesIO(taken(terminal, "pdf"))).pages
    said = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert seal in said
    assert len(pages) <= 2
    assert terminal.run("station", "change", "ks-a", "--set", "address=新街 2 号").exit_code == 0
    assert taken(terminal, "csv") == table
