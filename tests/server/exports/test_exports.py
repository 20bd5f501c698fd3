"""What is taken away: the page's own figures, the same bytes for the same days."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
import typst

from tests.support.district_city import FORM, WEEK, district_web
from tests.support.staff import Staff, visible
from warmstation_dashboards.resources import FONTS, LANGUAGES, catalogue
from warmstation_server.exports.errors import NoFont
from warmstation_server.exports.fonts import FAMILIES, chinese_fonts
from warmstation_server.exports.jobs import Jobs


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with district_web(tmp_path_factory.mktemp("district")) as made:
        yield made


def jobs_of(staff: Staff) -> Jobs:
    assert staff.parts.exports is not None
    return staff.parts.exports


def taken(staff: Staff, form: str, **more: str) -> bytes:
    """An export as somebody gets it: asked for on the page, made, taken away."""
    client, jobs = staff.client("wang"), jobs_of(staff)
    assert client.send("/district/exports", FORM | {"form": form} | more).status_code == 303
    job = next(job for job in jobs.of("wang") if job.is_active)
    jobs.turn()
    answer = client.get(f"/district/exports/{job.id}/file")
    assert answer.status_code == 200, jobs.job(job.id)
    return answer.content


def test_a_workbook_has_the_totals_of_the_page(staff: Staff) -> None:
    book: Any = openpyxl.load_workbook(io.BytesIO(taken(staff, "xlsx")))
    assert len(book.sheetnames) == 8
    assert book.sheetnames[-1] == "口径与数据质量"
    summary = {row[0]: row[2] for row in book["总览"].iter_rows(min_row=2, values_only=True)}
    page = visible(staff.client("wang").get(f"/district?{WEEK}").text)
    assert f"{summary['服务人次']:,}" in page
    assert f"{summary['按时开放率'] * 100:.1f}%" in page
    *stations, total = book["驿站"].iter_rows(min_row=2, values_only=True)
    assert sum(row[3] or 0 for row in stations) == total[3] == summary["服务人次"]
    heat = book["人次热力 (星期×小时)"].iter_rows(min_row=2, max_row=8, min_col=2, values_only=True)
    assert sum(cell or 0 for row in heat for cell in row) == total[3]
    assert len(book["人次热力 (星期×小时)"]._charts) == 1


def test_the_same_days_give_the_same_bytes_also_after_another_order_of_arrival(
    staff: Staff, tmp_path: Path
) -> None:
    first = taken(staff, "csv")
    assert taken(staff, "csv") == first
    assert taken(staff, "xlsx") == taken(staff, "xlsx")
    with district_web(tmp_path / "other", seed=3) as other:
        assert taken(other, "csv") == first
        assert taken(other, "hours") == taken(staff, "hours")


def test_every_figure_is_the_sum_of_the_hours_that_can_be_taken_away(staff: Staff) -> None:
    hours = list(csv.DictReader(io.StringIO(taken(staff, "hours").decode("utf-8-sig"))))
    stations = list(csv.DictReader(io.StringIO(taken(staff, "csv").decode("utf-8-sig"))))
    visits = {row["编号"]: row["服务人次"] for row in stations}
    for name in ("ks-000", "ks-001", "ks-050"):
        mine = [row for row in hours if row["station"] == name]
        assert sum(int(row["visits"]) for row in mine) == int(visits[name])
    judged = [row for row in hours if row["station"] == "ks-001" and row["judged"]]
    assert "closed" in {row["judged"] for row in judged}
    assert "open" not in {row["judged"] for row in judged}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_report_on_paper_has_one_or_two_pages_and_the_pages_figures(
    staff: Staff, language: str
) -> None:
    client, jobs = staff.client("wang"), jobs_of(staff)
    prefix = "/en" if language == "en" else ""
    client.send(f"{prefix}/district/exports", FORM | {"form": "pdf"})
    job = next(job for job in jobs.of("wang") if job.is_active)
    jobs.turn()
    path = jobs.file(jobs.job(job.id) or job)
    assert path is not None
    paper = pypdf.PdfReader(path)
    text = "".join(page.extract_text() for page in paper.pages)
    assert 1 <= len(paper.pages) <= 2
    assert ("Visits" if language == "en" else "服务人次") in text


def test_without_a_chinese_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        chinese_fonts(tmp_path, (tmp_path,))


def test_the_paper_has_its_own_chinese_glyphs_whatever_the_machine_has(staff: Staff) -> None:
    paper = pypdf.PdfReader(io.BytesIO(taken(staff, "pdf")))
    fonts: set[str] = set()
    for page in paper.pages:
        resources: Any = page["/Resources"]
        used = resources["/Font"]
        for font in (one.get_object() for one in used.values()):
            fonts.add(str(font["/BaseFont"]).partition("+")[2])
            within = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile3" in within
        assert 0 not in glyphs(page)
    assert fonts == {"NotoSansHans-Regular-Identity-H", "NotoSansHans-Bold-Identity-H"}
    text = "".join(page.extract_text() for page in paper.pages)
    words, said = catalogue("zh-CN"), ("metric.visits", "weekday.0", "export.notes")
    assert [key for key in said if words[key] not in text] == []


def test_the_font_shows_every_sign_of_every_sentence() -> None:
    signs = {sign for name in LANGUAGES for text in catalogue(name).values() for sign in text}
    made = typst.compile(  # type: ignore[misc]
        b"#set text(font: sys.inputs.family, fallback: false)\n#sys.inputs.said",
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"family": FAMILIES[0], "said": "".join(sorted(signs)) + "堽昇喆璟翀"},
    )
    assert isinstance(made, bytes)
    assert not any(0 in glyphs(page) for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    assert 0 in glyphs(pypdf.PdfReader(io.BytesIO(missing())).pages[0])


def missing() -> bytes:
    """A page with a sign that no such font has."""
    made = typst.compile(  # type: ignore[misc]
        b"#set text(font: sys.inputs.family, fallback: false)\n\\u{1f6b2}",
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"family": FAMILIES[0]},
    )
    assert isinstance(made, bytes)
    return made


def glyphs(page: pypdf.PageObject) -> set[int]:
    """The numbers of all glyphs that a page draws; 0 is the box of a missing one."""
    found: set[int] = set()
    content: Any = page.get_contents()
    for operands, operator in content.operations:
        if operator not in (b"Tj", b"TJ"):
            continue
        parts = operands[0] if isinstance(operands[0], list) else operands
        for part in parts:
            if isinstance(part, str | bytes):
                raw = part if isinstance(part, bytes) else part.original_bytes  # type: ignore[attr-defined]
                found |= {int.from_bytes(raw[n : n + 2]) for n in range(0, len(raw), 2)}
    return found
