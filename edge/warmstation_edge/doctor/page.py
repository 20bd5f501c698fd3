"""The commissioning record as a page to print and to sign. Pure."""

from __future__ import annotations

from html import escape

from warmstation_edge.doctor.step import Language, Words
from warmstation_wire.commissioning import Check, Record

_STYLE = """\
body{font:11pt/1.4 sans-serif;margin:15mm;color:#000}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #999;padding:1.2mm 2mm;text-align:left;vertical-align:top}
.fail td{font-weight:bold}.sign{margin-top:18mm}@page{size:A4;margin:12mm}"""
_TITLE = Words("驿站安装验收记录", "Commissioning record")
_HEADS = (
    Words("项目", "check"),
    Words("结果", "result"),
    Words("读数", "value"),
    Words("原因", "cause"),
)
_VERDICTS = {
    "pass": Words("通过", "passed"),
    "fail": Words("不通过", "failed"),
    "skipped": Words("未做", "skipped"),
}
_SIGN = Words(
    "安装人签字：____________　日期：____________", "Installer: ____________  Date: ____________"
)
_LANG = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}


def page(record: Record, language: Language) -> str:
    """A whole HTML page that needs nothing else."""
    said = language
    title = f"{_TITLE.said(said)} {record.station}"
    heads = "".join(f"<th>{head.said(said)}</th>" for head in _HEADS)
    rows = "\n".join(_row(check, said) for check in record.checks)
    who = f"{record.installer} · " if record.installer else ""
    verdict = _VERDICTS["pass" if record.passed else "fail"].said(said)
    return (
        f'<!doctype html>\n<html lang="{_LANG[said]}"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n"
        f"<p>{record.made_at:%Y-%m-%d %H:%M} UTC · {escape(who)}{escape(record.agent)} · "
        f"<b>{verdict}</b></p>\n<table><tr>{heads}</tr>\n{rows}\n</table>\n"
        f'<p class="sign">{_SIGN.said(said)}</p></html>\n'
    )


def _row(check: Check, language: Language) -> str:
    cells = (check.name, _VERDICTS[check.verdict].said(language), check.live, check.cause)
    told = "".join(f"<td>{escape(cell or '')}</td>" for cell in cells)
    return f'<tr class="{check.verdict}">{told}</tr>'
